import { createHash } from 'node:crypto';
import { publishedPoolDirectory } from '../../src/deb/paths.ts';

/**
 * Paragraphs of packages that nobody selects, in the shape and of the length of xenial's: 800 to 1000 bytes, with
 * versioned and alternative dependencies on one another and a virtual package now and then. The same seed gives
 * the same bytes.
 */
export function* ballast(count: number, seed: number): Generator<string> {
  const random = randomFrom(seed);
  for (let position = 0; position < count; position += 1) yield paragraph(position, count, random);
}

type Random = (below: number) => number;

const syllables = 'ka lo mi ren tas ver go pli dun sor bex ani tro qua fel zum hir osa cy wen'.split(' ');
const sections = ['admin', 'devel', 'doc', 'libs', 'libdevel', 'net', 'perl', 'python', 'science', 'utils'];
const words =
  'library for parsing and writing of the common data files in a portable way with bindings to several languages as used by scientific network administration graphics sound desktop tools debugging symbols header shared runtime documentation utility simple fast distributed modern plugin framework client server'.split(
    ' ',
  );

function paragraph(position: number, count: number, random: Random): string {
  const name = ballastName(position);
  const version = versionOf(position);
  const stem = name.replace(/-(dev|doc|bin)$/, '');
  const filename = `${publishedPoolDirectory('main', stem)}/${name}_${version.replace('1:', '')}_amd64.deb`;
  const summary = phrase(4 + random(7), random);
  const architecture = random(4) === 0 ? 'all' : 'amd64';
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['Package', name],
    ['Priority', random(20) === 0 ? 'extra' : 'optional'],
    ['Section', pick(sections, random)],
    ['Installed-Size', String(20 + random(90_000))],
    ['Maintainer', 'Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>'],
    ['Original-Maintainer', `${capital(pick(syllables, random))} Maintainers <${stem}@lists.example.org>`],
    ['Architecture', architecture],
    ['Source', stem === name ? undefined : stem],
    ['Version', version],
    ['Provides', random(25) === 0 ? `virtual-${stem}, virtual-${pick(syllables, random)}-engine` : undefined],
    ['Depends', relations(1 + random(8), count, random)],
    ['Recommends', random(3) === 0 ? relations(1 + random(2), count, random) : undefined],
    ['Suggests', random(5) === 0 ? relations(1, count, random) : undefined],
    ['Filename', filename],
    ['Size', String(1_000 + random(4_000_000))],
    ['MD5sum', hex('md5', name)],
    ['SHA1', hex('sha1', name)],
    ['SHA256', hex('sha256', name)],
    ['Description', summary],
    ['Multi-Arch', random(4) === 0 ? (architecture === 'all' ? 'foreign' : 'same') : undefined],
    ['Homepage', `http://${stem}.example.org/`],
    ['Description-md5', hex('md5', summary)],
    ['Bugs', 'https://bugs.launchpad.net/ubuntu/+filebug'],
    ['Origin', 'Ubuntu'],
    ['Supported', random(3) === 0 ? '5y' : undefined],
    ['Task', random(30) === 0 ? 'ubuntu-desktop, kubuntu-desktop, edubuntu-desktop' : undefined],
  ];
  return fields.flatMap(([field, value]) => (value === undefined ? [] : `${field}: ${value}\n`)).join('');
}

const flavours = ['', '-dev', '-doc', '-bin', ''] as const;

function ballastName(position: number): string {
  const digest = createHash('md5').update(String(position)).digest();
  const stem = [digest[0], digest[1], digest[2]]
    .map((byte = 0) => syllables[byte % syllables.length])
    .join('');
  const prefix = position % 2 === 0 ? 'lib' : '';
  return `${prefix}${stem}${position}${flavours[position % flavours.length]}`;
}

function versionOf(position: number): string {
  const upstream = `${position % 7}.${position % 31}.${position % 11}`;
  const epoch = position % 12 === 0 ? '1:' : '';
  return `${epoch}${upstream}+dfsg-${1 + (position % 5)}ubuntu${position % 4}`.replace('ubuntu0', 'build1');
}

function relations(number: number, count: number, random: Random): string {
  return Array.from({ length: number }, () => {
    const target = random(count);
    const name = ballastName(target);
    switch (random(5)) {
      case 0:
        return name;
      case 1:
        return `${name} | ${ballastName(random(count))}`;
      default:
        return `${name} (>= ${versionOf(target)})`;
    }
  }).join(', ');
}

function phrase(length: number, random: Random): string {
  return Array.from({ length }, () => pick(words, random)).join(' ');
}

function hex(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function pick(items: readonly string[], random: Random): string {
  return items[random(items.length)] ?? '';
}

/** mulberry32: small, and good enough to spread names. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
