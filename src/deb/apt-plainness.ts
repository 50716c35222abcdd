/**
 * Whether a paragraph is one of those, nearly all, that apt surely reads: told in one pass over its bytes, at a small part of
 * the time that reading its fields takes. It may call a good paragraph odd, never a bad one plain; blanks and line ends between
 * the words of a relation do not matter, so the answer is the same before and after they are folded.
 * @param raw the paragraph, without the newline that ends it or with it
 */
export function isPlainForApt(raw: Buffer): boolean {
  if (raw.length > maxBytes) return false;
  const text = raw.toString('latin1');
  const end = text.length;
  let at = 0;
  while (at < end) {
    const colon = nameEnd(text, at);
    if (colon < 0) return false;
    const kind = kinds[placeOf(colon - at, text.charCodeAt(at), text.charCodeAt(at + fifth))];
    const valueEnd = kind === relation ? relationEnd(text, colon + 1) : fieldEnd(text, colon + 1);
    if (valueEnd < 0 || (kind === digest && valueEnd - colon - 1 !== digestBytes)) return false;
    at = valueEnd + 1;
  }
  return true;
}

/** In shorter paragraphs no name and no version can be too long for apt, whatever its encoding. */
const maxBytes = 21_000;
/** A blank and 32 digits. */
const digestBytes = 33;

/** The colon behind the name of a field; -1 when the line is no field. */
function nameEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === hash || first === hyphen) return -1;
  for (let at = start; at < text.length && at - start < maxName; at += 1) {
    const code = text.charCodeAt(at);
    if (code === colonCode) return at === start ? -1 : at;
    if (code <= space || code >= delete_) return -1;
  }
  return -1;
}

/** The newline behind a value and its continuation lines, or the end of the paragraph. */
function fieldEnd(text: string, start: number): number {
  for (let from = start; ; ) {
    const at = text.indexOf('\n', from);
    if (at < 0) return text.length;
    const after = text.charCodeAt(at + 1);
    if (after !== space && after !== tab) return at;
    from = at + 1;
  }
}

/** As {@link fieldEnd} of a relation field; -1 when it is not plain. */
function relationEnd(text: string, start: number): number {
  let state: number = wantsName;
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === newline) {
      const after = text.charCodeAt(at + 1);
      if (after !== space && after !== tab) break;
    }
    state = steps[(state << 3) | (classes[code] ?? other)] ?? odd;
    if (state === odd) return -1;
  }
  return state === inName || state === afterName || state === afterVersion ? at : -1;
}

const tab = 0x09;
const newline = 0x0a;
const space = 0x20;
const hash = 0x23;
const hyphen = 0x2d;
const colonCode = 0x3a;
const delete_ = 0x7f;
const maxName = 64;

const relation = 1;
const digest = 2;
const fifth = 4;
const kinds = kindsOfFields();

/** What has the place of a relation field is looked at like one. */
function kindsOfFields(): Uint8Array {
  const table = new Uint8Array((maxName + 1) << 10);
  const put = (name: string, kind: number): void => {
    table[placeOf(name.length, name.charCodeAt(0), name.charCodeAt(fifth))] = kind;
  };
  const names = 'depends pre-depends recommends suggests provides conflicts breaks replaces enhances';
  for (const name of names.split(' ')) put(name, relation);
  put('description-md5', digest);
  return table;
}

/** By length, first and fifth letter of a name, in any case. */
function placeOf(length: number, first: number, letter: number): number {
  return (length << 10) | ((first & 0x1f) << 5) | (letter & 0x1f);
}

const [other, blank, word, open, close, between, angle, equals] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const [odd, wantsName, inName, afterName, opened, afterAngle, afterEquals, afterOperator] = [
  0, 1, 2, 3, 4, 5, 6, 7,
] as const;
const [wantsVersion, inVersion, beforeClose, afterVersion] = [8, 9, 10, 11] as const;

const classes = classesOfBytes();
const steps = stepsOfStates();

function classesOfBytes(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(word, 0x21, 0x7f);
  for (const code of [tab, newline, space]) table[code] = blank;
  const special = { '(': open, ')': close, ',': between, '|': between, '<': angle, '>': angle, '=': equals };
  for (const [one, kind] of Object.entries(special)) table[one.charCodeAt(0)] = kind;
  for (const one of '[]') table[one.charCodeAt(0)] = other;
  return table;
}

/** What is not here is odd. `=` wants a blank behind it, since apt looks ahead: `(=1)` may be too short for it. */
function stepsOfStates(): Uint8Array {
  const table = new Uint8Array(12 << 3);
  const step = (from: number, to: Readonly<Record<number, number>>): void => {
    for (const [kind, state] of Object.entries(to)) table[(from << 3) | Number(kind)] = state;
  };
  step(wantsName, { [blank]: wantsName, [word]: inName });
  step(inName, { [word]: inName, [blank]: afterName, [open]: opened, [between]: wantsName });
  step(afterName, { [blank]: afterName, [open]: opened, [between]: wantsName });
  step(opened, { [blank]: opened, [angle]: afterAngle, [equals]: afterEquals });
  step(afterAngle, { [angle]: afterOperator, [equals]: afterOperator });
  step(afterEquals, { [blank]: wantsVersion });
  step(afterOperator, { [blank]: wantsVersion, [word]: inVersion });
  step(wantsVersion, { [blank]: wantsVersion, [word]: inVersion });
  step(inVersion, { [word]: inVersion, [blank]: beforeClose, [close]: afterVersion });
  step(beforeClose, { [blank]: beforeClose, [close]: afterVersion });
  step(afterVersion, { [blank]: afterVersion, [between]: wantsName });
  return table;
}
