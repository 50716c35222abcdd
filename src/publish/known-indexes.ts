import { isDeepStrictEqual } from 'node:util';
import type { GenerationComponent, GenerationRecord, GenerationSettings } from '../catalog/contract.ts';
import type { FileFacts } from '../core/digest.ts';
import { inputIdOf } from './plan.ts';

/** By path relative to Release: what is known of an index. */
export type KnownIndexes = ReadonlyMap<string, FileFacts>;

type Content = {
  readonly settings: GenerationSettings;
  readonly components: readonly GenerationComponent[];
};

/**
 * The Packages and Sources indexes of a generation, with their compressed forms, that would come out the same for other
 * content: those of components with the same list in the same places, rendered by the same renderer.
 */
export function knownIndexes(generation: GenerationRecord, { settings, components }: Content): KnownIndexes {
  const { inputId, settings: before } = generation;
  const isSameRenderer = inputIdOf(generation.components, before) === inputId;
  if (!isSameRenderer || !isDeepStrictEqual(renderedBy(before), renderedBy(settings))) return new Map();
  return new Map(
    generation.components.flatMap(({ name, list, apart = [], indexes = {} }) => {
      const component = components.find((candidate) => candidate.name === name);
      const isSame = component?.list === list && isDeepStrictEqual(component.apart ?? [], apart);
      return isSame ? Object.entries(indexes) : [];
    }),
  );
}

/** The settings that decide the bytes of an index; architectures and forms decide only which there are. */
function renderedBy({ multiDist, listedDigests = false, unparseable = false }: GenerationSettings): object {
  return { multiDist, listedDigests, unparseable };
}

/** A record that says which indexes its components have got. */
export function withIndexes(
  generation: GenerationRecord,
  indexes: ReadonlyMap<string, KnownIndexes>,
): GenerationRecord {
  return {
    ...generation,
    components: generation.components.map((component) => ({
      ...component,
      indexes: Object.fromEntries(indexes.get(component.name) ?? []),
    })),
  };
}
