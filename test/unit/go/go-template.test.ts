import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isEspejoError } from '../../../src/core/errors.ts';
import { compileTemplate } from '../../../src/go/go-template.ts';

const fields = new Map([
  ['Package', 'alpha'],
  ['Version', '1.10'],
  ['Architecture', 'amd64'],
  ['Installed-Size', '12'],
  ['Empty', ''],
]);

describe('compileTemplate', () => {
  const filled: readonly (readonly [string, string])[] = [
    ['plain text }} {', 'plain text }} {'],
    ['{{.Package}}_{{.Version}}', 'alpha_1.10'],
    ['{{ .Nope }}|{{index . "Nope"}}', '<no value>|'],
    ['{{$.Package}}', 'alpha'],
    ['{{.Nope.More}}', '<no value>'],
    ['a {{- .Package -}} \n b', 'aalphab'],
    ['a {{/* no */}} b{{- /* no */ -}} c', 'a  bc'],
    ['{{if .Empty}}a{{else if .Nope}}b{{else if .Package}}c{{else}}d{{end}}', 'c'],
    ['{{with .Nope}}{{.}}{{else with .Package}}<{{.}}>{{end}}', '<alpha>'],
    ['{{with $p := .Package}}{{$p}}{{end}}', 'alpha'],
    ['{{$x := "a"}}{{if true}}{{$x = "b"}}{{end}}{{$x}}', 'b'],
    [
      '{{range $k, $v := .}}{{$k}}={{$v}};{{end}}',
      'Architecture=amd64;Empty=;Installed-Size=12;Package=alpha;Version=1.10;',
    ],
    ['{{range .}}{{.}},{{end}}', 'amd64,,12,alpha,1.10,'],
    ['{{range .Nope}}x{{else}}none{{end}}', 'none'],
    ['{{(index . "Version") | len}}', '4'],
    ['{{and .Package .Empty "x"}}|{{or .Empty .Nope "x"}}|{{not .Empty}}|{{"p" | and 1}}', '|x|true|p'],
    [
      '{{eq .Package "x" "alpha"}} {{ne 1 2}} {{lt "a" "b"}} {{le 2 2}} {{gt 1.5 2.5}} {{ge 2 1}}',
      'true true true true false true',
    ],
    ['{{if and (eq .Package "alpha") (ne .Version "2")}}y{{end}}', 'y'],
    ['{{print}}{{print 1 2 "a" "b" 3}}{{println .Package 1}}', '1 2ab3alpha 1\n'],
    ['{{len print}}', '0'],
    ['{{slice .Package 1}} {{slice .Package 1 3}} {{index .Package 0}}', 'lpha lp 97'],
    ['{{html "<\'&\\">"}} {{urlquery "a b&c" "!"}}', '&lt;&#39;&amp;&#34;&gt; a+b%26c%21'],
    [
      '{{`raw\\n`}} {{"\\x41\\u00e9\\U0001f600\\t\\\\\\""}} {{0x10}} {{010}} {{1_0}} {{\'a\'}} {{1e3}} {{+3}} {{.5}}',
      'raw\\n Aé😀\t\\" 16 8 10 97 1000 3 0.5',
    ],
    ['{{true}} {{1e30}} {{0.00001}}', 'true 1e+30 1e-05'],
    [
      '{{printf "%-8s|%8s|%5d|%05d|%+d|% d|%x|%X|%#x|%o|%b" "a" "b" 12 12 12 12 255 255 255 8 5}}',
      'a       |       b|   12|00012|+12| 12|ff|FF|0xff|10|101',
    ],
    [
      '{{printf "%q %v %T %t %c %U %.2s|%6.2f|%e|%g %%" "a\\n" 1 "s" true 65 65 "abc" 1.5 1.5 2.5}}',
      '"a\\n" 1 string true A U+0041 ab|  1.50|1.500000e+00|2.5 %',
    ],
    ['{{printf "%x % X %#v" "hé" "hé" "v"}}', '68c3a9 68 C3 A9 "v"'],
    ['{{printf "%d %s %t" "a" 1 "b"}}', '%!d(string=a) %!s(int=1) %!t(string=b)'],
    [
      '{{printf "%s"}} {{printf "" 1 nil}} {{printf "%"}} {{printf "%v" nil}}',
      '%!s(MISSING) %!(EXTRA int=1, <nil>) %!(NOVERB) <nil>',
    ],
    ['{{printf "%s" .}}', 'map[Architecture:amd64 Empty: Installed-Size:12 Package:alpha Version:1.10]'],
  ];
  for (const [template, text] of filled) {
    it(`fills ${JSON.stringify(template)} in`, () => {
      assert.equal(compileTemplate(template)(fields), text);
    });
  }

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['a{{.Package', /column 2: the action is not closed/],
    ['{{.Installed-Size}}', /column 13: unexpected "-"/],
    ['{{nope}}', /column 3: there is no function "nope"/],
    ['{{print nope}}', /column 9: there is no function "nope"/],
    ['{{$x}}', /column 3: there is no variable \$x/],
    ['{{if 1}}{{$x := 1}}{{else}}{{$x}}{{end}}', /there is no variable \$x/],
    ['{{}}', /column 3: a value is missing/],
    ['{{if}}{{end}}', /column 5: a value is missing/],
    ['{{1 |}}', /column 6: a value is missing/],
    ['{{(1}}', /column 5: unexpected "}}"/],
    ['{{1)}}', /unexpected "\)"/],
    ['{{print "a""b"}}', /a blank is missing/],
    ['{{.Package 1}}', /only a function takes arguments/],
    ['{{1 | .Package}}', /only a function can follow/],
    ['{{nil}}', /nil is not a value/],
    ['{{if 1}}', /column 3: {{if}} without {{end}}/],
    ['{{if 1}}{{else}}', /column 3: {{if}} without {{end}}/],
    ['{{if 1}}{{else}}{{else}}{{end}}', /unexpected {{else}}/],
    ['{{with 1}}{{else if 1}}{{end}}', /unexpected {{else if}}/],
    ['x\ny{{end}}', /line 2, column 2: unexpected {{end}}/],
    ['{{end 1}}', /unexpected 1/],
    ['{{template "x"}}', /{{template}} is not supported/],
    ['{{/* a }}', /the comment is not closed/],
    ['{{/* a */ 1}}', /stands alone/],
    ['{{"a}}', /the string is not closed/],
    ['{{`a}}', /raw string is not closed/],
    ["{{'ab'}}", /not one character/],
    ['{{"\\y"}}', /unknown escape/],
    ['{{"\\xg0"}}', /malformed escape/],
    ['{{"\\U00110000"}}', /malformed escape/],
    ['{{3x}}', /bad number "3x"/],
    ['{{€}}', /unexpected "€"/],
    [`{{${'('.repeat(300)}1${')'.repeat(300)}}}`, /nested too deeply/],
  ];
  for (const [template, message] of wrong) {
    it(`refuses ${JSON.stringify(template.slice(0, 40))}`, () => {
      assert.throws(() => compileTemplate(template), { code: 'E_TEMPLATE_SYNTAX', message });
    });
  }

  const unfit: readonly (readonly [string, RegExp])[] = [
    ['a{{.Package.More}}', /column 4: a string has no field .More/],
    ['{{eq 1 "a"}}', /int and string cannot be compared/],
    ['{{eq . .}}', /maps cannot be compared/],
    ['{{lt true false}}', /cannot be compared/],
    ['{{len .Nope}}', /<nil> has no length/],
    ['{{index . 1}}', /no index of type int/],
    ['{{index "a" 1}}', /out of range/],
    ['{{slice "a" 2}}', /out of range/],
    ['{{slice "abc" 2 1}}', /wrong order/],
    ['{{slice . 1}}', /cannot be sliced/],
    ['{{printf 1}}', /printf takes a text/],
    ['{{not}}', /not takes 1 arguments, not 0/],
    ['{{eq 1}}', /eq takes at least 2 arguments/],
    ['{{and}}', /and takes at least 1/],
    ['{{range "abc"}}{{end}}', /range cannot go over string/],
  ];
  for (const [template, message] of unfit) {
    it(`fails on ${JSON.stringify(template)} when it is filled in`, () => {
      const fill = compileTemplate(template);

      assert.throws(() => fill(fields), { code: 'E_TEMPLATE_SYNTAX', message });
    });
  }

  it('leaves text without braces alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes('{{'));

        assert.equal(compileTemplate(text)(fields), text);
      }),
    );
  });

  it('gives a text or E_TEMPLATE_SYNTAX for anything', () => {
    const piece = fc.constantFrom(
      ...[
        '{{',
        '}}',
        '{{-',
        '-}}',
        ' ',
        '.Package',
        '.',
        '$x',
        ':=',
        '|',
        '(',
        ')',
        ',',
        '"a"',
        '1',
        'if',
        'else',
      ],
      ...['end', 'with', 'range', 'print', 'printf', 'eq', 'and', 'index', 'nil', '/*', '*/', '`', "'", '\n'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        let failure: unknown;
        try {
          compileTemplate(pieces.join(''))(fields);
        } catch (error) {
          failure = error;
        }

        assert.ok(failure === undefined || isEspejoError(failure, 'E_TEMPLATE_SYNTAX'), String(failure));
      }),
      { numRuns: 2000 },
    );
  });
});
