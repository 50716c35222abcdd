import { printable } from '../core/redact.ts';
import type { SiteFacts } from './site-facts.ts';
import { type GuideBlock, siteGuide } from './site-guide.ts';

/** What `GET /` tells, as plain text. @param baseUrl URL of the root of the published tree */
export function siteText(facts: SiteFacts, baseUrl: string): string {
  const title = printable(facts.title);
  const blocks = siteGuide(facts, baseUrl).map(blockText);
  return `${underlined(title, '=')}\n\n${blocks.join('\n\n')}\n`;
}

function blockText(block: GuideBlock): string {
  switch (block.kind) {
    case 'heading':
      return block.level === 2 ? underlined(block.text, '-') : `${block.text}:`;
    case 'text':
      return block.text;
    case 'code':
      return block.text.replace(/^/gm, '    ');
    case 'facts': {
      const width = Math.max(...block.rows.map(([label]) => label.length));
      return block.rows.map(([label, value]) => `${`${label}:`.padEnd(width + 2)}${value}`).join('\n');
    }
    case 'link':
      return `${block.text}: ${block.url}`;
  }
}

function underlined(text: string, line: string): string {
  return `${text}\n${line.repeat(text.length)}`;
}
