// Builds the tag: the classic script into the Python package, or into the folder given as argument;
// with --package the npm module and its types into dist/. The output of the first is committed, so
// it must not depend on anything but the sources and package-lock.json.

import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

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
const define = (parts) => ({
  __VERSION__: JSON.stringify(version),
  __ACTIVITY__: String(parts),
  __LINKER__: String(parts),
  __GLOBAL_CONTEXTS__: String(parts),
});

/** The classic script. esbuild leaves out what is not used; terser makes the rest short. */
async function script(parts) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: ["src/script.ts"],
    format: "esm",
    define: define(parts),
  });
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2020,
    module: true,
    compress: { passes: 3, pure_getters: true, unsafe_arrows: true, keep_fargs: false },
    // Members of our own that begin with one underscore and a letter; nothing public does.
    mangle: { properties: { regex: /^_[a-z]/ } },
  });
  return Buffer.from(`(()=>{"use strict";${code.replace(/;?\s*$/, "")}})();\n`);
}

async function packageInto(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { outputFiles } = await build({
    ...options,
    entryPoints: ["src/index.ts"],
    format: "esm",
    define: define(true),
  });
  await writeFile(join(folder, "index.js"), outputFiles[0].contents);
  const tsc = join(here, "node_modules", ".bin", "tsc");
  execFileSync(tsc, ["-p", "tsconfig.types.json", "--outDir", folder], { cwd: here, stdio: "inherit" });
}

if (process.argv.includes("--package")) {
  await packageInto(join(here, "dist"));
} else {
  const target = resolve(process.argv[2] ?? join(here, "../src/whiteout/assets"));
  await mkdir(target, { recursive: true });
  const full = await script(true);
  const small = await script(false);
  await writeFile(join(target, "whiteout.js"), full);
  const size = (code) => ({ bytes: code.length, gzip: gzipSync(code, { level: 9 }).length });
  console.log(JSON.stringify({ "whiteout.js": size(full), "without parts": size(small) }));
}
