import type { EspejoConfig, MirrorConfig, PublicationConfig } from './config.ts';
import type { Report } from './problems.ts';

type Checked = Pick<EspejoConfig, 'aptly' | 'mirrors' | 'publications' | 'schedule'>;

/** Reports settings that are right but may be meant otherwise, or that have no effect here. */
export function reportSuspicious({ aptly, mirrors, publications, schedule }: Checked, report: Report): void {
  reportAptlyKeys(aptly, report);
  for (const mirror of mirrors) reportMirror(mirror, publications, report);
  for (const publication of publications) reportPublication(publication, report);
  if (schedule.sync !== undefined && mirrors.length === 0)
    report(['schedule', 'sync'], 'there are no mirrors to sync');
}

function reportAptlyKeys(aptly: EspejoConfig['aptly'], report: Report): void {
  if (aptly.gpgDisableVerify)
    report(['gpgDisableVerify'], 'whoever is on the way to an upstream can change what is mirrored');
  if (aptly.gpgDisableSign) report(['gpgDisableSign'], 'clients of unsigned publications need [trusted=yes]');
  if (aptly.databaseBackend.type === 'etcd')
    report(['databaseBackend', 'type'], 'espejo keeps its own catalog, and cannot take over one of etcd');
  if (aptly.packagePoolStorage.type === 'azure')
    report(['packagePoolStorage', 'type'], 'has no effect: the pool is on the local disk');
  for (const key of remoteEndpoints)
    if (Object.keys(aptly[key]).length > 0)
      report([key], 'has no effect: espejo publishes to the local disk and to file system endpoints');
}

const remoteEndpoints = [
  'JFrogPublishEndpoints',
  'S3PublishEndpoints',
  'GcsPublishEndpoints',
  'SwiftPublishEndpoints',
  'AzurePublishEndpoints',
] as const;

function reportMirror(
  { name, suites, verifySignatures, checkValidUntil, checkDate }: MirrorConfig,
  publications: readonly PublicationConfig[],
  report: Report,
): void {
  const path = ['mirrors', name];
  if (!verifySignatures)
    report(
      [...path, 'verifySignatures'],
      'whoever is on the way to the upstream can change what is mirrored',
    );
  if (!checkValidUntil)
    report([...path, 'checkValidUntil'], 'old states of the upstream are taken for new ones');
  if (!checkDate) report([...path, 'checkDate'], 'the upstream can go back to an older state');
  const isOpen = suites.some(({ urls }) => urls.some((url) => url.startsWith('http:') && url.includes('@')));
  if (isOpen) report([...path, 'url'], 'sends a password over http, where others can read it');
  if (!publications.some(({ sources }) => sources.some(({ mirror }) => mirror === name)))
    report(path, 'no publication names it');
}

function reportPublication({ name, sign }: PublicationConfig, report: Report): void {
  if (!sign) report(['publications', name, 'sign'], 'clients of unsigned publications need [trusted=yes]');
}
