import type { GenerationSettings } from '../catalog/contract.ts';
import type { ReleaseFields } from '../deb/release.ts';

/** Seconds become milliseconds here and nowhere else. */
const msPerSecond = 1000;

/** How long a Release with Signed-By is valid (spec/semantics.md 7.4). */
const signedByYears = 100;

/** The fields of the Release file of a generation that is dated `date`. */
export function releaseFields(
  settings: GenerationSettings,
  components: readonly { readonly name: string }[],
  date: Date,
): ReleaseFields {
  const { version, notAutomatic, butAutomaticUpgrades, signedBy } = settings;
  const validUntil = validUntilOf(settings, date);
  return {
    origin: settings.origin,
    label: settings.label,
    suite: settings.suite,
    ...(version === null ? {} : { version }),
    codename: settings.codename,
    date,
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(notAutomatic === null ? {} : { notAutomatic }),
    ...(butAutomaticUpgrades === null ? {} : { butAutomaticUpgrades }),
    acquireByHash: settings.acquireByHash,
    ...(signedBy === null ? {} : { signedBy }),
    architectures: settings.architectures.filter((one) => one !== 'source'),
    components: components.map(({ name }) => name).sort(),
    description: settings.description,
  };
}

function validUntilOf({ validForSeconds, signedBy }: GenerationSettings, date: Date): Date | undefined {
  if (validForSeconds !== null) return new Date(date.getTime() + validForSeconds * msPerSecond);
  if (signedBy === null) return undefined;
  const until = new Date(date);
  until.setUTCFullYear(until.getUTCFullYear() + signedByYears);
  return until;
}
