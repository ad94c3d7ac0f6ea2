// Builds the tag: the classic script into the Python package, or into the folder given as argument;
// with --package the npm module and its types into dist/. The output of the first is committed, so
// it must not depend on anything but the sources and package-lock.json.

import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
const define = (parts, inPage) => ({
  __SCRIPT__: String(inPage),
  __VERSION__: JSON.stringify(version),
  __ACTIVITY__: String(parts),
  __LINKER__: String(parts),
  __GLOBAL_CONTEXTS__: String(parts),
});

/** A module with all that it imports. esbuild leaves out what is not used; terser makes the rest short. */
async function short(entry, defined) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [`src/${entry}`],
    format: "esm",
    define: defined,
  });
  const { code } = await minify(outputFiles[0].text, {
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
      unsafe_methods: true,
    },
    // Members of our own that begin with one underscore and a letter; nothing public does.
    mangle: { properties: { regex: /^_[a-z]/ } },
  });
  // One word for both kinds of declaration compresses better.
  return code.replace(/\bconst(?=[ [{])/g, "let").replace(/;?\s*$/, "");
}

/** The classic script. */
const script = async (parts) =>
  Buffer.from(`(()=>{"use strict";${await short("script.ts", define(parts, true))}})();\n`);

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
  const target = resolve(process.argv[2] ?? join(here, "../src/whiteout/assets"));
  await rm(join(target, "plugins"), { recursive: true, force: true });
  await mkdir(join(target, "plugins"), { recursive: true });
  const full = await script(true);
  const small = await script(false);
  await writeFile(join(target, "whiteout.js"), full);
  const size = (code) => ({ bytes: code.length, gzip: gzipSync(code, { level: 9 }).length });
  const sizes = { "whiteout.js": size(full), "without parts": size(small) };
  for (const [name, code] of Object.entries(await plugins())) {
    await writeFile(join(target, "plugins", name), code);
    sizes[`plugins/${name}`] = size(code);
  }
  console.log(JSON.stringify(sizes));
}
