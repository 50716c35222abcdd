import { closest } from './closest.ts';

/** What to try instead of a name that does not exist. */
export function nearestOf(name: string, known: readonly string[]): string {
  const [near] = closest(name, known);
  const all = `there is ${known.join(', ')}`;
  return near === undefined ? all : `did you mean ${near}? ${all}`;
}
