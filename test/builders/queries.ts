import fc from 'fast-check';
import { debFile, type Files, sourceFiles } from './incoming.ts';

/** Every kind of value that a query can ask for. */
const packages: Readonly<Record<string, Record<string, string>>> = {
  'app_1.0_amd64': {
    Section: 'net',
    Depends: 'lib (>= 1.0), mail | mta',
    Tag: 'role::program, use::browsing',
  },
  'app_1.0_i386': { Section: 'net', Depends: 'lib (>= 1.0)', 'Installed-Size': '12' },
  'app_1:0.5_amd64': { Section: 'contrib/net', Homepage: 'https://example.org/app?x=1#(y)' },
  'app_1.0~rc1_amd64': { Section: 'net', Priority: 'optional' },
  'app_1.0-1_amd64': { Source: 'apps (1.0)', Priority: 'extra', 'Multi-Arch': 'same' },
  'app_1.0-1+b1_amd64': { Source: 'apps (1.0-1)', Provides: 'virtual' },
  'app-data_1.0_all': { Source: 'apps', 'Installed-Size': '120' },
  'lib_2.0_amd64': { Provides: 'liby, libz', Section: 'libs' },
  'lib_2.0_all': { Essential: 'yes' },
  'libx_2.5_amd64': { Section: 'libs', Recommends: 'docs', Suggests: 'app (<< 2)' },
  'mailer_0.0.1_amd64': { Provides: 'mail, mta', 'X-Odd': 'a|b,(c) {d} !e' },
  Upper_1_all: { 'Pre-Depends': 'lib', Breaks: 'app (<< 1)' },
  'zed_2019.01.01-1_armhf': { Description: 'short\n long text\n .\n more' },
  'zed_10.2_amd64': { Section: 'a/b/c', 'Build-Ids': 'abc def' },
  'zed_9.10_amd64': { Section: '[x]', Priority: 'required' },
  utf_1_all: { Section: 'caf\u00e9', Uploaders: 'J\u00f6rg <j@example.org>, \u4e2d\u6587' },
};

const labels = Object.keys(packages);
const names = [...new Set(labels.map((label) => label.split('_')[0] ?? '')), 'src', 'no'];
/** Asked for without versions only: aptly 1.5 does not compare those of provided names. */
const provided = ['virtual', 'mail', 'mta', 'liby', 'libz'];
const versions = [
  ...new Set(labels.map((label) => label.split('_')[1] ?? '')),
  '0',
  '1',
  '1.00',
  '9',
  '4:2-1',
  '1.0-2',
  '3.0',
  '~',
];
const fields = words(`
  Name Version Architecture Section Priority Source Depends Provides Homepage Tag Installed-Size Description Maintainer
  Essential Multi-Arch Recommends Suggests Pre-Depends Breaks X-Odd Uploaders Filename Size SHA256 $Architecture $Source
  $SourceVersion $PackageType $Version $Nope Package installed-size Build-Ids Files Binary`);
const values = [
  ...versions,
  ...names,
  ...words('net contrib/net libs a/b/c amd64 i386 all source deb udeb any optional same yes 12'),
  'caf\u00e9',
  'lib (>= 1.0)',
  'A <a@example.org>',
];

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
const comparison = fc.constantFrom('=', '<<', '<', '<=', '>>', '>', '>=', '');
const architecture = fc.constantFrom('', '', '', ' {amd64}', ' {i386}', ' {all}', ' {source}', '{any}');
const versionTerm = fc.oneof(
  fc
    .tuple(fc.constantFrom(...names), comparison, fc.constantFrom(...versions), architecture)
    .map(([name, operator, version, arch]) => `${name} (${operator} ${quoted(version)})${arch}`),
  fc
    .tuple(fc.constantFrom(...fields), comparison, fc.constantFrom(...values))
    .map(([field, operator, value]) => `${field} (${operator} ${quoted(value)})`),
  fc.tuple(fc.constantFrom(...names, ...provided), architecture).map(([name, arch]) => `${name}${arch}`),
  fc.constantFrom(...fields),
  fc.constantFrom(...labels),
);

/** Some of the words one after the other. */
const pieces = (text: string): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...words(text)), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const globTerm = fc
  .tuple(
    fc.constantFrom(...words('Name Version Section Homepage Tag app zed $Source $Version Uploaders')),
    fc.oneof(
      { arbitrary: pieces('* ? a p l lib app 1 . 0 - / net'), weight: 3 },
      pieces('* [a-z] [^a] [!a] [ ] \\ \\* [] [a- [x-a] \u00e9 [\u00e0-\u00ff] ** [-a]'),
    ),
  )
  .chain(([field, glob]) =>
    fc.constantFrom(glob, `*${glob}*`, `${glob}*`).map((one) => `${field} (% ${quoted(one)})`),
  );
const expressionTerm = fc
  .tuple(
    fc.constantFrom(...words('Name Version Section Homepage Description Uploaders app $PackageType X-Odd')),
    fc.oneof(
      { arbitrary: pieces('^ $ . .* a p+ lib 1 \\. [0-9] (a|b) ? e'), weight: 3 },
      pieces(
        '(?i) APP \\d \\w+ \\b [[:alpha:]] {2} {1,3} (?: ) \\pL \\x41 * [ (?=a) \\1 (?P<n>a) \\Qa.b\\E (?s). \\z \\Z |',
      ),
    ),
  )
  .map(([field, expression]) => `${field} (~ ${quoted(expression)})`);

const term = fc.oneof(versionTerm, globTerm);
const { combination } = fc.letrec<{ combination: string }>((tie) => ({
  combination: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'combination' },
    term,
    tie('combination').map((one) => `!${one}`),
    tie('combination').map((one) => `(${one})`),
    fc
      .tuple(tie('combination'), fc.constantFrom(' | ', '|', ', ', ',', ' ,\n'), tie('combination'))
      .map(([one, operator, two]) => `${one}${operator}${two}`),
  ),
}));
/** The API takes the empty text for no query. */
const anyText = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...'ab1_ \'"\\(){}|,!=%~<>$A.'), maxLength: 10 }),
    fc
      .array(fc.constantFrom(' ', ...words('app ( ) >= 1.0 | , ! { } Name " \' % ~ = _')), { maxLength: 8 })
      .map((parts) => parts.join('')),
  )
  .filter((text) => text !== '');

/** Generated from a fixed seed, so that a failure comes again. `least`: how many must select packages. */
export function sampleQueries(): Readonly<
  Record<string, { readonly queries: readonly string[]; readonly least: number }>
> {
  const sample = (arbitrary: fc.Arbitrary<string>, count: number): readonly string[] => [
    ...new Set(fc.sample(arbitrary, { numRuns: count, seed: 20_261_122 })),
  ];
  return {
    'terms with versions': { queries: sample(versionTerm, 250), least: 80 },
    'shell globs': { queries: sample(globTerm, 400), least: 30 },
    'regular expressions': { queries: sample(expressionTerm, 300), least: 50 },
    combinations: { queries: sample(combination, 250), least: 100 },
    'texts of any kind': { queries: sample(anyText, 250), least: 1 },
  };
}

/** The packages below `in`, a udeb and a source among them. */
export async function queriedPackages(): Promise<Files> {
  const made = Object.entries(packages).map(async ([label, control], at) => {
    return [`in/p${at}.deb`, await debFile(label, { fields: control })] as const;
  });
  const udeb = { 'in/u.udeb': await debFile('app-udeb_1.0_amd64', { fields: { Source: 'app' } }) };
  return { ...Object.fromEntries(await Promise.all(made)), ...udeb, ...sourceFiles('in', '1-1') };
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
