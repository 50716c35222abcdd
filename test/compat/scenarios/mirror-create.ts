import { makeArchive } from '../../support/oracle/make-archive.ts';
import type { Scenario } from '../../support/oracle/scenario.ts';
import {
  appended,
  firstState,
  flatState,
  otherKey,
  secondState,
  trusted,
  unsignedState,
  without,
} from './archives.ts';

const files = { ...trusted, 'query.txt': ' app |\n lib ', ...otherKey };
const upstream = firstState;

const taken = '`mirror create` looks at the name before';

/** Components with the last part of the distribution in front, as Debian's security archive had them. */
const security = await makeArchive({
  directory: 'dists/wheezy/updates',
  fields: { suite: 'oldstable', components: ['updates/main', 'updates/contrib'] },
  indexes: { 'main/binary-amd64': {}, 'contrib/binary-amd64': {}, 'main/binary-all': {} },
});

/** Sections 4.1 and 4.5 of spec/cli.md. */
export const mirrorCreateScenarios: readonly Scenario[] = [
  {
    name: 'mirror create: all of an archive, some of it',
    files,
    upstream,
    steps: [
      'mirror create all {url} xenial',
      'mirror create some {url} xenial universe',
      'mirror create both {url} xenial universe main',
      'mirror create -architectures=i386 few {url} xenial main',
      'mirror create -architectures=i386,amd64 two {url} xenial main',
      'mirror show all',
      'mirror show few',
      'mirror show -json some',
      'mirror list',
    ],
  },
  {
    name: 'mirror create: what the Release file does not name',
    files,
    upstream,
    steps: [
      'mirror create m1 {url} xenial nope',
      'mirror create m1 {url} xenial main nope',
      'mirror create -architectures=arm64 m1 {url} xenial main',
      'mirror create -architectures=amd64,arm64 m1 {url} xenial',
      'mirror create -force-components m1 {url} xenial nope',
      'mirror create -force-architectures -architectures=arm64 m2 {url} xenial main',
      'mirror create -force-architectures m3 {url} xenial',
      'mirror show m1',
      'mirror show -json m2',
    ],
  },
  {
    name: 'mirror create: filters',
    files,
    upstream,
    steps: [
      "mirror create -filter='app, $Architecture (amd64)' f1 {url} xenial",
      "mirror create -filter='app' -filter-with-deps f2 {url} xenial",
      'mirror create -filter-with-deps f3 {url} xenial',
      "mirror create -filter='app ((' f4 {url} xenial",
      "mirror create -filter='' f5 {url} xenial",
      { run: 'mirror create -filter=@query.txt f6 {url} xenial', spec: { exit: 0 } },
      'mirror show f1',
      'mirror show f2',
      'mirror show f3',
      { run: 'mirror drop f6', spec: { exit: 0 } },
    ],
  },
  {
    name: 'mirror create: sources, udebs, installer',
    files,
    upstream,
    steps: [
      'mirror create -with-sources s {url} xenial main',
      'mirror create -with-udebs u {url} xenial main',
      'mirror create -with-installer i {url} xenial main',
      'mirror create -with-sources -with-udebs -with-installer a {url} xenial main',
      'mirror create -with-sources=false n {url} xenial main',
      'mirror show s',
      'mirror show u',
      'mirror show -json i',
      'mirror list',
    ],
  },
  {
    name: 'mirror create: sources by configuration',
    files,
    upstream,
    config: { downloadSourcePackages: true, architectures: ['amd64'] },
    steps: [
      'mirror create s {url} xenial main',
      'mirror create -with-sources=false n {url} xenial main',
      'mirror create -architectures=i386 i {url} xenial main',
      'mirror list -json',
    ],
  },
  {
    name: 'mirror create -with-appstream',
    files,
    upstream,
    steps: [
      {
        run: 'mirror create -with-appstream a {url} xenial main',
        spec: {
          exit: 0,
          stdout: [
            'Downloading: <url>/dists/xenial/InRelease',
            '',
            'Mirror [a]: <url>/ xenial [appstream] successfully added.',
            "You can run 'espejo mirror update a' to download repository contents.",
            '',
          ].join('\n'),
        },
      },
      { run: 'mirror drop a', spec: { exit: 0 } },
      { run: 'mirror create -with-appstream f {url} ./', spec: { exit: 1 } },
    ],
  },
  {
    name: 'mirror create: a taken name, wrong words',
    files,
    upstream,
    steps: [
      'mirror create m1 {url} xenial',
      { run: 'mirror create m1 {url} xenial', differs: taken },
      { run: 'mirror create m1 {url} xenial main', differs: taken },
      'mirror create',
      'mirror create m2',
      'mirror create m2 {url}',
      'mirror create -max-tries=x m2 {url} xenial',
      'mirror list -raw',
    ],
  },
  {
    name: 'mirror create: an archive that does not answer',
    files,
    upstream: without(firstState, /./),
    steps: [
      'mirror create m1 {url} xenial',
      {
        run: 'mirror create -ignore-signatures m1 {url} xenial',
        spec: {
          exit: 1,
          error: 'ERROR: unable to fetch mirror: HTTP code 404 while fetching <url>/dists/xenial/InRelease',
        },
      },
      'mirror create m1 {url} flat/',
      'mirror list',
    ],
  },
  {
    name: 'mirror create: signatures',
    files,
    upstream: without(firstState, /InRelease/),
    steps: [
      'mirror create m1 {url} xenial main',
      {
        run: 'mirror create -keyring={cwd}/other.gpg m2 {url} xenial main',
        errorBegins: 'unable to fetch mirror: ',
      },
      'mirror create -keyring={cwd}/other.gpg -keyring={cwd}/home/.gnupg/trustedkeys.gpg m3 {url} xenial main',
      'mirror create -ignore-signatures -keyring={cwd}/other.gpg m4 {url} xenial main',
      { run: 'mirror create -keyring={cwd}/nofile.gpg m5 {url} xenial main', spec: { exit: 1 } },
      'mirror list -raw',
    ],
  },
  {
    name: 'mirror create: an archive that nobody signed',
    files,
    upstream: unsignedState,
    steps: [
      'mirror create m1 {url} xenial main',
      'mirror create -ignore-signatures m2 {url} xenial main',
      'mirror create -ignore-signatures=false m3 {url} xenial main',
      'mirror list -raw',
    ],
  },
  {
    name: 'mirror create: signatures are off by configuration',
    config: { gpgDisableVerify: true },
    upstream: unsignedState,
    steps: [
      'mirror create m1 {url} xenial main',
      { run: 'mirror create -ignore-signatures=false m2 {url} xenial main', spec: { exit: 1 } },
      'mirror list -raw',
    ],
  },
  {
    name: 'mirror create: a Release file that was changed after it was signed',
    files,
    upstream: appended(without(firstState, /InRelease/), 'dists/xenial/Release'),
    steps: [
      { run: 'mirror create m1 {url} xenial main', errorBegins: 'unable to fetch mirror: ' },
      'mirror create -ignore-signatures m2 {url} xenial main',
      'mirror list -raw',
    ],
  },
  {
    name: 'mirror create: flat archives',
    files,
    upstream: flatState,
    steps: [
      'mirror create f1 {url} flat/',
      { run: 'mirror create f2 {url} ./flat', spec: { exit: 0 } },
      { run: 'mirror drop f2', spec: { exit: 0 } },
      'mirror create f3 {url} ./flat/',
      'mirror create -with-sources f4 {url} flat/',
      'mirror create f5 {url} flat/ main',
      'mirror create -with-udebs f6 {url} flat/',
      'mirror create -architectures=amd64 f7 {url} flat/',
      'mirror create -architectures=arm64 f8 {url} flat/',
      'mirror show f8',
      'mirror show f1',
      'mirror show -json f4',
      'mirror list',
    ],
  },
  {
    name: 'mirror create -max-tries',
    files,
    upstream,
    steps: [
      'mirror create -max-tries=2 m1 {url} xenial main',
      'mirror create -max-tries=1 m2 {url} xenial main',
    ],
  },
  {
    name: 'mirror edit: each flag',
    files,
    upstream,
    steps: [
      'mirror create m1 {url} xenial main',
      'mirror edit m1',
      'mirror edit -filter=app m1',
      'mirror show m1',
      'mirror edit -filter-with-deps m1',
      'mirror edit -with-sources m1',
      'mirror edit -with-udebs -with-installer m1',
      'mirror show m1',
      'mirror show -json m1',
      'mirror edit -filter= -filter-with-deps=false -with-sources=false -with-udebs=0 -with-installer=f m1',
      'mirror show -json m1',
    ],
  },
  {
    name: 'mirror edit: architectures, another archive',
    files,
    upstream,
    steps: [
      'mirror create m1 {url} xenial main',
      'mirror edit -architectures=i386 m1',
      'mirror show m1',
      'mirror edit -architectures=arm64 m1',
      'mirror edit -archive-url={url}other m1',
      'mirror show m1',
      { upstream: secondState },
      'mirror edit -archive-url={url} m1',
      { run: 'mirror edit -archive-url={url} -keyring={cwd}/other.gpg m1', errorBegins: 'unable to edit: ' },
      'mirror edit -archive-url={url} -keyring={cwd}/other.gpg -ignore-signatures m1',
      'mirror show m1',
    ],
  },
  {
    name: 'mirror edit: errors',
    files,
    upstream: flatState,
    steps: [
      'mirror edit nope',
      'mirror edit -filter=x nope',
      'mirror edit',
      'mirror create f1 {url} flat/',
      'mirror edit -with-udebs f1',
      "mirror edit -filter='((' f1",
      'mirror edit -filter=app f1',
      { run: 'mirror edit -with-appstream f1', spec: { exit: 1 } },
      'mirror show -json f1',
    ],
  },
  {
    name: 'mirror create: a distribution with a slash',
    files,
    upstream: security,
    steps: [
      'mirror create m1 {url} wheezy/updates',
      'mirror show m1',
      'mirror create m2 {url} wheezy/updates contrib',
      'mirror show -json m2',
      'mirror create m3 {url} wheezy/updates updates/main',
    ],
  },
];
