import type { PublicationObject } from '../catalog/objects.ts';
import { assertFieldText } from '../deb/names.ts';

/** What users say of a publication that becomes fields of its Release file, with the flags that say it. */
const fields = {
  origin: 'origin',
  label: 'label',
  suite: 'suite',
  codename: 'codename',
  version: 'version',
  notAutomatic: 'notautomatic',
  butAutomaticUpgrades: 'butautomaticupgrades',
  signedBy: 'signed-by',
} as const satisfies Partial<Record<keyof PublicationObject, string>>;

/** Refuses a text that would become more than its own field. @throws E_BAD_VALUE */
export function assertFieldTexts(settings: Partial<Readonly<Record<keyof typeof fields, string>>>): void {
  for (const [key, name] of Object.entries(fields))
    assertFieldText(settings[key as keyof typeof fields] ?? '', name);
}
