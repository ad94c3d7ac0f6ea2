// Bundles the official browser tracker, unmodified: into dist/tracker.js, where its whole module API
// becomes the global `tracker` of a page, and into dist/sp.js, which answers a page's snippet.
import { build } from "esbuild";

const options = {
  bundle: true,
  format: "iife",
  absWorkingDir: import.meta.dirname,
  target: "es2020",
  logLevel: "warning",
};

await build({
  ...options,
  stdin: {
    contents: 'export * from "@snowplow/browser-tracker";',
    resolveDir: import.meta.dirname,
  },
  globalName: "tracker",
  outfile: "dist/tracker.js",
});
await build({ ...options, entryPoints: { sp: "official.mjs" }, outdir: "dist" });
