// Unpacks the Chromium of @sparticuz/chromium beside this file, with the libraries and the font that it needs.

import { createReadStream, createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { extract } from "tar-fs";

const packed = join(import.meta.dirname, "node_modules", "@sparticuz", "chromium", "bin");
const unpacked = join(import.meta.dirname, "chromium");
const unpack = (name, into) => pipeline(createReadStream(join(packed, name)), createBrotliDecompress(), into);

mkdirSync(unpacked, { recursive: true });
await unpack("al2023.tar.br", extract(unpacked));
await unpack("fonts.tar.br", extract(unpacked));
await unpack("chromium.br", createWriteStream(join(unpacked, "chromium"), { mode: 0o755 }));

// A system without fontconfig has no fonts either: the one that came along is then the only one.
writeFileSync(join(unpacked, "fonts.conf"), `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${unpacked}/fonts</dir>
  <cachedir>${unpacked}/fonts-cache</cachedir>
</fontconfig>
`);
