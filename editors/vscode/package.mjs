// npm run package: bundles the extension and packs it as whittle.vsix, a zip archive with VS Code's manifest beside the
// extension's folder. Written out here because the usual packer brings some 120 packages and needs a newer Node.
// --build-only: only bundles.

import { build } from 'esbuild';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';

process.chdir(import.meta.dirname);
const { metafile } = await build({
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20', // VS Code 1.91
  external: ['vscode'],
  minify: true,
  legalComments: 'none', // notices() has them
  metafile: true,
  logLevel: 'warning',
});
if (!process.argv.includes('--build-only')) {
  const archive = zip([...parts()]);
  writeFileSync('whittle.vsix', archive);
  console.log(`whittle.vsix: ${Math.ceil(archive.length / 1024)} kB`);
}

/** Name and bytes of each file of the package. */
function* parts() {
  const types = { css: 'text/css', js: 'application/javascript', json: 'application/json', md: 'text/markdown', png: 'image/png', txt: 'text/plain' };
  const defaults = Object.entries({ ...types, vsixmanifest: 'text/xml' });
  yield ['[Content_Types].xml', xml`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${defaults.map(
    ([extension, type]) => `<Default Extension=".${extension}" ContentType="${type}"/>`,
  )}</Types>`];
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  yield ['extension.vsixmanifest', vsixManifest(manifest)];
  // what only the build needs is left out
  const { scripts: _scripts, devDependencies: _dependencies, private: _private, ...shipped } = manifest;
  yield ['extension/package.json', Buffer.from(JSON.stringify(shipped, undefined, 2))];
  for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE.txt', ...files('dist'), ...files('media').filter((name) => !name.endsWith('.svg'))]) {
    yield [`extension/${name}`, readFileSync(name)];
  }
  yield ['extension/NOTICES.txt', notices()];
  for (const name of ['menu', 'hunk']) { // the tests in the real VS Code make them
    yield [`extension/media/walkthrough/${name}.png`, readFileSync(`../../docs/images/vscode-${name}.png`)];
  }
}

/** The licenses of what is bundled. */
function notices() {
  const packages = Object.keys(metafile.inputs).map((path) => /^node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  const texts = [...new Set(packages)].filter(Boolean).sort().map((folder) => {
    const license = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    return `${name} ${version}\n\n${readFileSync(`${folder}/${license}`, 'utf8').trim()}\n`;
  });
  return Buffer.from(texts.join('\n----\n\n'));
}

function files(folder) {
  return readdirSync(folder).sort().flatMap((name) => {
    const path = `${folder}/${name}`;
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

function vsixManifest({ name, publisher, version, displayName, description, categories, keywords, engines, icon, extensionKind }) {
  const property = (id, value) => `<Property Id="Microsoft.VisualStudio.${id}" Value="${escaped(value)}"/>`;
  const asset = (type, path) => `<Asset Type="Microsoft.VisualStudio.${type}" Path="extension/${path}" Addressable="true"/>`;
  return xml`<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata>
<Identity Language="en-US" Id="${name}" Version="${version}" Publisher="${publisher}"/>
<DisplayName>${escaped(displayName)}</DisplayName>
<Description xml:space="preserve">${escaped(description)}</Description>
<Tags>${escaped(keywords.join(','))}</Tags>
<Categories>${escaped(categories.join(','))}</Categories>
<Properties>
${property('Code.Engine', engines.vscode)}
${property('Code.ExtensionKind', extensionKind.join(','))}
</Properties>
<License>extension/LICENSE.txt</License>
<Icon>extension/${icon}</Icon>
</Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
<Dependencies/>
<Assets>
${asset('Code.Manifest', 'package.json')}
${asset('Services.Content.Details', 'README.md')}
${asset('Services.Content.Changelog', 'CHANGELOG.md')}
${asset('Services.Content.License', 'LICENSE.txt')}
${asset('Services.Icons.Default', icon)}
</Assets>
</PackageManifest>`;
}

function xml(texts, ...values) {
  const value = (index) => (index < values.length ? [values[index]].flat().join('') : '');
  return Buffer.from(`<?xml version="1.0" encoding="utf-8"?>\n${texts.map((text, index) => text + value(index)).join('')}\n`);
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** A zip archive, after PKWARE's APPNOTE 6.3. All times are those of its epoch, so that the same source gives the same bytes. */
function zip(entries) {
  const EPOCH = 0x21; // 1980-01-01
  const UTF8 = 0x800;
  const locals = [];
  const directory = [];
  let offset = 0;
  for (const [path, bytes] of entries) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(bytes, { level: 9 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(UTF8, 2);
    common.writeUInt16LE(8, 4); // deflated
    common.writeUInt16LE(EPOCH, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    locals.push(Buffer.from('PK\x03\x04'), common, name, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\0'), common, rest, name);
    offset += 4 + common.length + name.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from('PK\x05\x06'), end]);
}
