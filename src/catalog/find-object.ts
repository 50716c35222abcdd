import { EspejoError } from '../core/errors.ts';
import { kindNames, type ObjectKind, type Objects, type ObjectsByKind } from './objects.ts';

/** The part of the app that named objects need. */
export type WithObjects = { readonly catalog: { readonly objects: Objects } };

/** @throws E_OBJECT_NOT_FOUND in the words of aptly, which scripts look for */
export async function findObject<Kind extends Exclude<ObjectKind, 'publication'>>(
  { catalog }: WithObjects,
  kind: Kind,
  name: string,
): Promise<ObjectsByKind[Kind]> {
  const object = await catalog.objects.find(kind, name);
  if (object !== undefined) return object;
  throw new EspejoError('E_OBJECT_NOT_FOUND', `${kindNames[kind]} with name ${name} not found`, {
    context: { kind, name },
  });
}
