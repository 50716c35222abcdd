import type { DebSpec } from '../deb/build-deb.ts';
import type { ArchiveSpec } from './archive.ts';

/**
 * The archive of `espejo demo`: three pockets and two components, with versioned dependencies, alternatives, a virtual
 * package, an update and a security fix, so that a sync of two names has something to resolve.
 * @param update raises the version of `mirror-tools` by as many steps, as a later state of the upstream does
 */
export function demoArchive(date: Date, update = 0): ArchiveSpec {
  return {
    origin: 'Espejo demo',
    codename: 'xenial',
    architectures: ['amd64'],
    date,
    suites: [
      {
        name: 'xenial',
        components: {
          main: [
            library('1.0-1'),
            base('1.0'),
            tools('1.0-1'),
            deb('mirror-doc', '1.0', 'all', { Priority: 'extra' }),
            deb('mirror-postman', '2.3-1', 'amd64', { Provides: 'mirror-mail (= 2)' }),
          ],
          universe: [
            deb('mirror-games', '0.9-2', 'all', {
              Section: 'universe/games',
              Depends: 'mirror-tools (>= 1.0), mirror-missing | mirror-mail (>= 2)',
              Recommends: 'mirror-doc',
            }),
          ],
        },
      },
      {
        name: 'xenial-updates',
        components: { main: [tools(`1.0-1ubuntu${update + 1}`)], universe: [] },
      },
      { name: 'xenial-security', components: { main: [library('1.0-1ubuntu0.1')], universe: [] } },
    ],
  };
}

function library(version: string): DebSpec {
  return deb('libmirror1', version, 'amd64', { Source: 'libmirror', 'Multi-Arch': 'same', Section: 'libs' });
}

function base(version: string): DebSpec {
  return deb('mirror-base', version, 'all', { Priority: 'important' });
}

function tools(version: string): DebSpec {
  const program = `#!/bin/sh\necho "mirror-tools ${version} says hello"\n`;
  return {
    ...deb('mirror-tools', version, 'amd64', {
      'Pre-Depends': 'mirror-base',
      Depends: 'libmirror1 (>= 1.0-1)',
      'Installed-Size': '12',
    }),
    files: { 'usr/bin/mirror-hello': { content: program, mode: 0o755 } },
  };
}

function deb(
  name: string,
  version: string,
  architecture: string,
  more: Readonly<Record<string, string>>,
): DebSpec {
  return {
    control: {
      Package: name,
      Version: version,
      Architecture: architecture,
      Maintainer: 'Espejo demo <demo@localhost>',
      Priority: 'optional',
      Section: 'misc',
      ...more,
      Description: `${name}, a package of the espejo demo archive`,
    },
    files: { [`usr/share/doc/${name}/copyright`]: 'Made by espejo demo; do with it what you like.\n' },
  };
}
