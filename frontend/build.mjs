// Builds the front end into the Python package, or into the folder given as argument.
// The output is committed, so it must not depend on anything but the sources and package-lock.json.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, "../src/whiteout/assets"));

const options = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
};

/** The texts, as they are when the pages use them. */
async function loadTexts() {
  const { outputFiles } = await build({ ...options, entryPoints: ["src/texts.ts"], write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The pages in the order of their links: source, and path. */
const SOURCES = { live: "/", overview: "/overview", demo: "/demo", try: "/try", visitor: "/visitor", desk: "/desk" };

/** The links to all pages; a page has its name there from `texts.pageName`. */
function navigation(current, texts) {
  const links = Object.entries(SOURCES).map(([name, path]) => {
    const here = name === current ? ' aria-current="page"' : "";
    return `<a href="${path}"${here}>${escaped(texts.pageName[name])}</a>`;
  });
  return `<nav aria-label="${escaped(texts.page.pages)}">${links.join("")}</nav>`;
}

/** What every page begins with. */
const HEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{$1}}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/live.css">`;

/** Puts texts in the places {{group.name}} of a page, after what pages have in common. */
function fill(page, texts) {
  const whole = page
    .replace(/\{\{head:([\w.]+)\}\}/, HEAD)
    .replace(/\{\{nav:(\w+)\}\}/g, (_, current) => navigation(current, texts));
  return whole.replace(/\{\{(\w+)\.(\w+)\}\}/g, (place, group, name) => {
    const text = texts[group]?.[name];
    if (typeof text !== "string") throw new Error(`there is no text for ${place}`);
    return escaped(text);
  });
}

await mkdir(target, { recursive: true });
const names = Object.keys(SOURCES);
const scripts = names.map((name) => `src/${name}.ts`);
await build({ ...options, entryPoints: [...scripts, "src/live.css"], outdir: target });
const texts = await loadTexts();
for (const name of [...names, "signin"].map((one) => `${one}.html`).concat("icon.svg")) {
  const source = await readFile(join(here, "src", name), "utf8");
  await writeFile(join(target, name), fill(source, texts));
}
