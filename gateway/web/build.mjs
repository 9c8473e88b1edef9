// build.mjs - turns the pages into what the binary embeds.
//
//   node gateway/web/build.mjs FOLDER VERSION
//
// A page is an HTML file. The scripts, styles and icons that it names are bundled and minified (`src="main.ts"`, a file
// beside the page) or taken from a package as they are (`src="npm:redoc/bundles/redoc.standalone.js"`). They are served
// under /assets by names that hold a hash of their bytes, so that a browser asks for each only once. Everything is also
// compressed here, so that serving is nothing but sending bytes. FOLDER/assets.c is the table of all of it, for
// assets.h; it is written last, and only when everything else is there.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import * as esbuild from "esbuild";
import { parse as parseYaml } from "yaml";

const [out, version] = process.argv.slice(2);
if (!version) throw new Error("usage: build.mjs FOLDER VERSION");
const web = path.dirname(fileURLToPath(import.meta.url));
const packages = path.join(web, "node_modules");

// What a page may do. `also` adds to the sources of a directive, or is a directive of its own.
function securityPolicy(also = {}) {
    const policy = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "connect-src": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "img-src": "'self' data:",
        "script-src": "'self'",
        "style-src": "'self'",
    };
    for (const [directive, sources] of Object.entries(also))
        policy[directive] = policy[directive] ? `${policy[directive]} ${sources}` : sources;
    return Object.entries(policy)
        .map((directive) => directive.join(" "))
        .join("; ");
}

// The playground and the notebook frame a program's HTML (playground/frame.ts), whose elements may have style of their own.
const pages = [
    { path: "/", html: "playground/index.html", policy: securityPolicy({ "style-src-attr": "'unsafe-inline'" }) },
    { path: "/notebook", html: "notebook/index.html", policy: securityPolicy({ "style-src-attr": "'unsafe-inline'" }) },
    { path: "/docs", html: "docs/swagger.html", policy: securityPolicy() },
    {
        path: "/redoc",
        html: "docs/redoc.html",
        // Redoc makes its styles at run time, in style elements that are empty (the first hash) when they enter the page.
        // The second hash is of the one that is not: its scrollbar's.
        policy: securityPolicy({
            "style-src":
                "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
        }),
    },
];

// What a package's file would ask another host for, and what it gets instead.
const replacements = {
    "redoc/bundles/redoc.standalone.js": [
        "https://cdn.redoc.ly/redoc/logo-mini.svg",
        "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E",
    ],
};

const mediaTypes = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
};

const assets = new Map(); // by path
const usedPackages = new Set();
const notices = []; // files with the licences of what a package's file is itself made of

function add(asset) {
    assets.set(asset.path, asset);
    return asset.path;
}

function packageFile(file) {
    const bytes = fs.readFileSync(path.join(packages, file));
    if (!replacements[file]) return bytes;
    const [before, after] = replacements[file];
    const parts = bytes.toString("utf8").split(before);
    if (parts.length !== 2) throw new Error(`${file} names ${before} ${parts.length - 1} times, not once`);
    return Buffer.from(parts.join(after));
}

// A file of the tree, or of a package, as bytes and the extension that it is served with.
async function load(reference, folder) {
    if (reference.startsWith("npm:")) {
        const file = reference.slice("npm:".length);
        usedPackages.add(
            file
                .split("/")
                .slice(0, file.startsWith("@") ? 2 : 1)
                .join("/"),
        );
        if (fs.existsSync(path.join(packages, `${file}.LICENSE.txt`))) notices.push(`${file}.LICENSE.txt`);
        return { bytes: packageFile(file), extension: path.extname(file) };
    }
    const file = path.join(folder, reference);
    if (!/\.(css|js|mjs|ts)$/.test(file)) return { bytes: fs.readFileSync(file), extension: path.extname(file) };
    const result = await esbuild.build({
        entryPoints: [file],
        bundle: true,
        minify: true,
        format: "iife",
        target: "es2020",
        legalComments: "none", // licenses.txt has them
        write: false,
        metafile: true,
        absWorkingDir: web,
    });
    for (const input of Object.keys(result.metafile.inputs)) {
        const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input);
        if (name) usedPackages.add(name[1]);
    }
    return { bytes: Buffer.from(result.outputFiles[0].contents), extension: file.endsWith(".css") ? ".css" : ".js" };
}

function hashOf(bytes) {
    return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

async function addReferenced(reference, folder) {
    const { bytes, extension } = await load(reference, folder);
    const name = path.basename(reference).replace(/\.[a-z]+$/, "");
    return add({ path: `/assets/${name}-${hashOf(bytes)}${extension}`, bytes, extension, immutable: true });
}

// Links to other pages (<a href>) stay as they are. What is named becomes relative, so that a proxy may serve the
// gateway under a path of its own.
async function addPage(page) {
    const file = path.join(web, page.html);
    let html = fs.readFileSync(file, "utf8");
    for (const [tag, before, reference] of html.matchAll(/(<(?:script|img|link)\b[^>]*\b(?:src|href)=")([^"]*)"/g)) {
        const served = await addReferenced(reference, path.dirname(file));
        html = html.replace(tag, () => `${before}${served.slice(1)}"`);
    }
    add({ path: page.path, bytes: Buffer.from(html), extension: ".html", policy: page.policy });
}

function addDescription() {
    const description = parseYaml(fs.readFileSync(path.join(web, "openapi.yaml"), "utf8"), {
        merge: true,
        maxAliasCount: -1, // the file is ours, and nearly every answer has the standing headers
    });
    description.info.version = version;
    add({ path: "/openapi.json", bytes: Buffer.from(JSON.stringify(description)), extension: ".json" });
}

// Their licences ask that the text goes where the code goes.
function addLicenses() {
    const text = [];
    for (const name of [...usedPackages].sort()) {
        const folder = path.join(packages, name);
        const { version: itsVersion, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
        text.push(`${name} ${itsVersion} (${license})\n`);
        for (const file of fs
            .readdirSync(folder)
            .filter((entry) => /^(licen[cs]e|notice)/i.test(entry))
            .sort())
            text.push(fs.readFileSync(path.join(folder, file), "utf8").trim() + "\n");
    }
    for (const file of notices) {
        text.push(`within ${file.replace(".LICENSE.txt", "")}\n`);
        text.push(fs.readFileSync(path.join(packages, file), "utf8").trim() + "\n");
    }
    add({ path: "/licenses.txt", bytes: Buffer.from(text.join("\n")), extension: ".txt" });
}

const codings = [
    { name: "IDENTITY", suffix: "", encode: (bytes) => bytes },
    { name: "GZIP", suffix: ".gz", encode: (bytes) => zlib.gzipSync(bytes, { level: 9 }) },
    { name: "BROTLI", suffix: ".br", encode: (bytes) => zlib.brotliCompressSync(bytes) }, // quality 11
];

// Writes an asset's files; returns the lines of C that declare them, and its entry of the table.
function embed(asset, index) {
    const declarations = [];
    const bodies = [];
    for (const { name, suffix, encode } of codings) {
        const bytes = encode(asset.bytes);
        if (name !== "IDENTITY" && bytes.length >= asset.bytes.length) continue;
        const file = path.join(out, `asset_${index}${asset.extension}${suffix}`);
        const symbol = `asset_${index}_${name.toLowerCase()}`;
        fs.writeFileSync(file, bytes);
        declarations.push(`ASSET_BYTES(${symbol}, ${JSON.stringify(file)}); /* ${asset.path} */`);
        bodies.push(`[ASSET_${name}] = {${symbol}, ${bytes.length}}`);
    }
    const entry = `    {.path = ${JSON.stringify(asset.path)},
     .media_type = ${JSON.stringify(mediaTypes[asset.extension])},
     .etag = ${JSON.stringify(`W/"${hashOf(asset.bytes)}"`)},
     .security_policy = ${asset.policy ? JSON.stringify(asset.policy) : "NULL"},
     .immutable = ${Boolean(asset.immutable)},
     .bodies = {${bodies.join(", ")}}},`;
    return { declarations, entry };
}

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
for (const page of pages) await addPage(page);
addDescription();
addLicenses();
const embedded = [...assets.values()].map(embed);
fs.writeFileSync(
    path.join(out, "assets.c"),
    `/* Made by gateway/web/build.mjs. */
#include "web/assets.h"

${embedded.flatMap(({ declarations }) => declarations).join("\n")}

const struct asset assets[] = {
${embedded.map(({ entry }) => entry).join("\n")}
    {.path = NULL},
};
`,
);
