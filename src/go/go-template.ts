import { evaluateTemplate } from './template/evaluate.ts';
import { parseTemplate } from './template/parse.ts';

/** A template to be filled with the fields of a package or a .changes file. */
export type Template = (fields: ReadonlyMap<string, string>) => string;

/**
 * Compiles what `-format` and `repo include -repo` take (spec/cli.md 1.8, 5.8) of Go's text/template: fields, `index`, if,
 * with and range, variables, pipelines, the predefined functions but `js` and `call`, `{{- -}}` and comments. A missing
 * field is `<no value>`, with `index` it is empty.
 * @throws E_TEMPLATE_SYNTAX that tells the place; so does the template for values that do not fit
 */
export function compileTemplate(text: string): Template {
  const nodes = parseTemplate(text);
  return (fields) => evaluateTemplate(nodes, { text, fields });
}
