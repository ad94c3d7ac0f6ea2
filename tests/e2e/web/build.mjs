// Bundles the official browser tracker, unmodified, into dist/tracker.js: its whole module API
// becomes the global `tracker` of a page.
import { build } from "esbuild";

await build({
  stdin: {
    contents: 'export * from "@snowplow/browser-tracker";',
    resolveDir: import.meta.dirname,
  },
  bundle: true,
  format: "iife",
  globalName: "tracker",
  outfile: "dist/tracker.js",
  absWorkingDir: import.meta.dirname,
  target: "es2020",
  logLevel: "warning",
});
