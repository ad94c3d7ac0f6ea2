// Bundles the official plugins, unmodified, into dist/plugins.js: the global `official` of a page
// has the module API of each by the name of its subject.
import { build } from "esbuild";

const subjects = {
  ads: "ad-tracking",
  buttons: "button-click-tracking",
  consent: "consent",
  errors: "error-tracking",
  forms: "form-tracking",
  links: "link-click-tracking",
  orders: "ecommerce",
  shop: "snowplow-ecommerce",
  site: "site-tracking",
};

await build({
  stdin: {
    contents: Object.entries(subjects)
      .map(([subject, name]) => `export * as ${subject} from "@snowplow/browser-plugin-${name}";`)
      .join("\n"),
    resolveDir: import.meta.dirname,
  },
  bundle: true,
  format: "iife",
  globalName: "official",
  outfile: "dist/plugins.js",
  absWorkingDir: import.meta.dirname,
  target: "es2020",
  logLevel: "warning",
});
