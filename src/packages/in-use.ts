import { EspejoError } from '../core/errors.ts';

/** Who is in the way: what publishes an object, or was made from it. */
export type UserOfObject = {
  readonly kind: 'publication' | 'snapshot';
  readonly name: string;
  /** Its one-line form. */
  readonly text: string;
};

/** A refusal to drop what is in use; `context` has who uses it as `usedBy`. */
export function objectInUse(
  message: string,
  context: { readonly kind: string; readonly name: string; readonly usedBy: readonly UserOfObject[] },
): EspejoError {
  return new EspejoError('E_OBJECT_IN_USE', message, { context, hint: 'force it, or drop them first' });
}

/** Who was in the way, of an error of {@link objectInUse}; undefined for other errors. */
export function usersOf(error: unknown): readonly UserOfObject[] | undefined {
  if (!(error instanceof EspejoError) || error.code !== 'E_OBJECT_IN_USE') return undefined;
  return error.context['usedBy'] as readonly UserOfObject[] | undefined;
}
