// Builds the tag: the classic script into the Python package, or into the folder given as argument;
// with --package the npm module and its types into dist/. The output of the first is committed, so
// it must not depend on anything but the sources, names.json and package-lock.json. With --names it
// looks for names that compress better, for as many seconds as told, and writes names.json.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";
import { closure } from "./closure.mjs";
import { better, named } from "./names.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(await readFile(join(here, "package.json"), "utf8"));

const options = {
  absWorkingDir: here,
  bundle: true,
  target: "es2021",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  write: false,
};

/** Values of the constants of a build; `parts` are what a smaller build leaves out. */
const define = (parts, inPage) => ({
  __SCRIPT__: String(inPage),
  __VERSION__: JSON.stringify(version),
  __ACTIVITY__: String(parts),
  __LINKER__: String(parts),
  __GLOBAL_CONTEXTS__: String(parts),
});

/** A module with all that it imports. esbuild leaves out what is not used; terser makes the rest short. */
async function short(entry, defined, { members, change = (text) => text } = {}) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [`src/${entry}`],
    format: "esm",
    define: defined,
  });
  const text = change(outputFiles[0].text);
  const { code } = await minify(text, {
    ecma: 2020,
    module: true,
    compress: {
      passes: 3,
      arrows: false,
      hoist_funs: true,
      inline: 1,
      keep_fargs: false,
      lhs_constants: false,
      pure_getters: true,
      unsafe_arrows: true,
      unsafe: true,
    },
    nameCache: members?.(text) ?? {},
    // Members of our own that begin with one underscore and a letter; nothing public does.
    mangle: { properties: { regex: /^_[a-z]/ } },
  });
  // One word for both kinds of declaration compresses better.
  return code.replace(/\bconst(?=[ [{])/g, "let").replace(/;?\s*$/, "");
}

/** A placeholder for each member of our own, whose name is chosen in the end. */
const placeholders = (text) => {
  const found = [...new Set(text.match(/\b_[a-z]\w*/g))];
  return { props: { props: Object.fromEntries(found.map((name, i) => [`$${name}`, `$${i}$`])) } };
};

const wrap = (code) => `(()=>{"use strict";${code}})();\n`;
const NAMES = join(here, "names.json");

const chosen = JSON.parse(await readFile(NAMES, "utf8"));
const seconds = process.argv.includes("--names") ? +process.argv.at(-1) : 0;

/** The classic script. Names that were chosen for another text than this are of no use. */
async function script(parts) {
  const code = await short("script.ts", define(parts, true), { members: placeholders, change: closure });
  const build = parts ? "script" : "small";
  const digest = createHash("sha256").update(code).digest("hex");
  const known = chosen[build]?.digest === digest ? chosen[build].names : undefined;
  const { names, code: written } = seconds ? better(code, known, seconds, wrap) : named(code, known);
  chosen[build] = { digest, names };
  if (seconds) await writeFile(NAMES, `${JSON.stringify(chosen)}\n`);
  return Buffer.from(wrap(written));
}

/** What the script loads when it is first called, each file a module, by name. */
async function plugins() {
  const names = (await readdir(join(here, "src/plugins"))).filter((name) => name !== "sending.ts");
  const files = names.map(async (name) => [
    name.replace(/ts$/, "js"),
    Buffer.from(`${await short(`plugins/${name}`, define(true, true))};\n`),
  ]);
  return Object.fromEntries(await Promise.all(files));
}

async function packageInto(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { outputFiles } = await build({
    ...options,
    entryPoints: ["src/index.ts"],
    format: "esm",
    define: define(true, false),
  });
  await writeFile(join(folder, "index.js"), outputFiles[0].contents);
  const tsc = join(here, "node_modules", ".bin", "tsc");
  execFileSync(tsc, ["-p", "tsconfig.types.json", "--outDir", folder], { cwd: here, stdio: "inherit" });
}

if (process.argv.includes("--package")) {
  await packageInto(join(here, "dist"));
} else {
  const folder = seconds ? undefined : process.argv[2];
  const target = resolve(folder ?? join(here, "../src/whiteout/assets"));
  const full = await script(true);
  const small = await script(false);
  await rm(join(target, "plugins"), { recursive: true, force: true });
  await mkdir(join(target, "plugins"), { recursive: true });
  await writeFile(join(target, "whiteout.js"), full);
  const size = (code) => ({ bytes: code.length, gzip: gzipSync(code, { level: 9 }).length });
  const sizes = { "whiteout.js": size(full), "without parts": size(small) };
  for (const [name, code] of Object.entries(await plugins())) {
    await writeFile(join(target, "plugins", name), code);
    sizes[`plugins/${name}`] = size(code);
  }
  console.log(JSON.stringify(sizes));
}
