import { distributionLabel, mirrorText } from '../../catalog/labels.ts';
import type { MirrorObject } from '../../catalog/objects.ts';
import { compareBytes } from '../../core/compare-bytes.ts';
import { type GoJson, goMap } from '../../go/go-json.ts';
import { goJsonTime, goTextTime } from '../go-time.ts';
import type { NamedPackage } from '../package-text.ts';
import { listing, nilList, type PackageFacts, packageLines, packageMember, yesNo } from './texts.ts';

/** `mirror list`; the mirrors in the order of their names. */
export function mirrorListLines(mirrors: readonly MirrorObject[], program: string): readonly string[] {
  return listing({
    title: 'List of mirrors:',
    items: mirrors.map(mirrorText),
    hint: `To get more information about mirror, run \`${program} mirror show <name>\`.`,
    none: `No mirrors found, create one with \`${program} mirror create ...\`.`,
  });
}

/** Id of the process that updates a mirror now; undefined when none does. */
type Updating = { readonly pid: number } | undefined;

/** `mirror show` (spec/cli.md 4.3). Packages of a mirror that was never updated cannot be shown. */
export function mirrorShowLines(
  mirror: MirrorObject,
  { packageCount, packages, updating }: PackageFacts & { readonly updating?: Updating },
): readonly string[] {
  const meta = Object.entries(mirror.meta).toSorted(([a], [b]) => compareBytes(a, b));
  return [
    `Name: ${mirror.name}`,
    ...(updating === undefined ? [] : [`Status: In Update (PID ${updating.pid})`]),
    `Archive Root URL: ${mirror.archiveRoot}`,
    `Distribution: ${distributionLabel(mirror)}`,
    `Components: ${mirror.components.join(', ')}`,
    `Architectures: ${mirror.architectures.join(', ')}`,
    `Download Sources: ${yesNo(mirror.downloadSources)}`,
    `Download .udebs: ${yesNo(mirror.downloadUdebs)}`,
    `Download AppStream: ${yesNo(mirror.downloadAppStream)}`,
    ...filterLines(mirror),
    ...updateLines(mirror, packageCount),
    '',
    'Information from release file:',
    ...meta.map(([name, value]) => `${name}: ${value}`),
    ...(packages !== undefined && mirror.lastDownloadDate === null
      ? ["Unable to show package list, mirror hasn't been downloaded yet."]
      : packageLines(packages)),
  ];
}

/** The object of `mirror list -json`, `mirror show -json` and the API, with aptly's keys in aptly's order. */
export function mirrorJson(
  mirror: MirrorObject,
  {
    packages,
    updating,
  }: { readonly packages?: readonly NamedPackage[] | undefined; readonly updating?: Updating } = {},
): GoJson {
  return {
    UUID: mirror.uuid,
    Name: mirror.name,
    ArchiveRoot: mirror.archiveRoot,
    Distribution: mirror.distribution,
    Components: nilList(mirror.components),
    Architectures: nilList(mirror.architectures),
    Meta: goMap(mirror.meta),
    LastDownloadDate: goJsonTime(mirror.lastDownloadDate),
    Filter: mirror.filter,
    Status: updating === undefined ? 0 : 1,
    WorkerPID: updating?.pid ?? 0,
    FilterWithDeps: mirror.filterWithDeps,
    SkipComponentCheck: mirror.skipComponentCheck,
    SkipArchitectureCheck: mirror.skipArchitectureCheck,
    DownloadSources: mirror.downloadSources,
    DownloadUdebs: mirror.downloadUdebs,
    DownloadInstaller: mirror.downloadInstaller,
    DownloadAppStream: mirror.downloadAppStream,
    Packages: packageMember(packages),
  };
}

function filterLines({ filter, filterWithDeps }: MirrorObject): readonly string[] {
  return filter === '' ? [] : [`Filter: ${filter}`, `Filter With Deps: ${yesNo(filterWithDeps)}`];
}

function updateLines({ lastDownloadDate }: MirrorObject, packageCount: number): readonly string[] {
  if (lastDownloadDate === null) return ['Last update: never'];
  return [`Last update: ${goTextTime(lastDownloadDate)}`, `Number of packages: ${packageCount}`];
}
