import { sha256Hex } from '../../src/core/digest.ts';
import type { ArchivePlan } from '../support/oracle/make-archive.ts';
import { digestLists } from './source-files.ts';

type Content = Readonly<Record<string, string>>;

/** A Sources index of `src` and `other`, and their files; `lists` are the digest lists that it has. */
export function sourcesOf(lists: readonly string[] = ['Files', 'Checksums-Sha1', 'Checksums-Sha256']): {
  readonly index: string;
  readonly files: Content;
} {
  const packages = [
    { name: 'src', version: '1.0' },
    { name: 'other', version: '2:3-1' },
  ];
  const files: Record<string, string> = {};
  const stanzas = packages.map(({ name, version }) => {
    const plain = version.replace(/^\d+:/, '');
    const companions = {
      [`${name}_${plain}.dsc`]: `dsc of ${name}`,
      [`${name}_${plain}.tar.gz`]: `tar of ${name}`,
    };
    for (const [path, content] of Object.entries(companions)) files[`pool/${name}/${path}`] = content;
    const fields = [`Package: ${name}`, `Binary: ${name}`, `Version: ${version}`, 'Architecture: any'];
    const kept = digestLists(companions)
      .split(/\n(?=\S)/)
      .filter((list) => lists.some((one) => list.startsWith(`${one}:`)));
    return [...fields, `Directory: pool/${name}`, ...kept.map((list) => list.trimEnd())].join('\n');
  });
  return { index: `${stanzas.join('\n\n')}\n`, files };
}

/** `SHA256SUMS` over images by path, and the images. */
export function imagesOf(images: Content): { readonly sums: string; readonly images: Content } {
  const sums = Object.entries(images).map(([path, content]) => `${sha256Hex(content)}  ./${path}\n`);
  return { sums: sums.join(''), images };
}

/** Binary packages, udebs, sources and installer images of one architecture. */
export function richArchive(): ArchivePlan {
  const sources = sourcesOf();
  const { sums, images } = imagesOf({
    'netboot/mini.iso': 'iso',
    'cdrom/vmlinuz': 'kernel',
    MANIFEST: 'list',
  });
  const directory = 'main/installer-amd64/current/images';
  return {
    indexes: {
      'main/binary-amd64': {
        'src_1.0_amd64': { Depends: 'lib (>= 1.0) | alt' },
        'lib_1.0_amd64': { Source: 'other (2:3-1)' },
        'lib_0.9_amd64': { Source: 'gone (1)' },
        'game+extra_1.0+b1_amd64': { Recommends: 'src' },
      },
      'main/debian-installer/binary-amd64': { 'disk_1.0_amd64': {} },
    },
    fields: { components: ['main'], architectures: ['amd64'] },
    files: { 'main/source/Sources': sources.index, [`${directory}/SHA256SUMS`]: sums },
    others: {
      ...sources.files,
      ...Object.fromEntries(
        Object.entries(images).map(([path, content]) => [`dists/xenial/${directory}/${path}`, content]),
      ),
    },
  };
}
