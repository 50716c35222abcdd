import { EspejoError } from '../core/errors.ts';
import type { Library, LibraryObjects, ObjectKind } from './library.ts';

/** The part of the app that named objects need. */
export type Objects = { readonly catalog: { readonly objects: Library } };

/** @throws E_OBJECT_NOT_FOUND in the words of aptly, which scripts look for */
export async function findObject<Kind extends Exclude<ObjectKind, 'publication'>>(
  { catalog }: Objects,
  kind: Kind,
  name: string,
): Promise<LibraryObjects[Kind]> {
  const object = await catalog.objects.find(kind, name);
  if (object !== undefined) return object;
  throw new EspejoError('E_OBJECT_NOT_FOUND', `${kindNames[kind]} with name ${name} not found`, {
    context: { kind, name },
  });
}

const kindNames = { mirror: 'mirror', repo: 'local repo', snapshot: 'snapshot' } as const;
