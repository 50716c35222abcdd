import { escapeHtml, htmlPage } from './html.ts';
import type { SiteFacts } from './site-facts.ts';
import { type GuideBlock, siteGuide } from './site-guide.ts';

/** The page of `GET /` for a browser. @param baseUrl URL of the root of the published tree */
export function siteHtml(facts: SiteFacts, baseUrl: string): string {
  const blocks = siteGuide(facts, baseUrl).map(blockHtml).join('\n');
  return htmlPage(facts.title, `<h1>${escapeHtml(facts.title)}</h1>\n${blocks}`);
}

function blockHtml(block: GuideBlock): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${escapeHtml(block.text)}</h${block.level}>`;
    case 'text':
      return `<p>${escapeHtml(block.text)}</p>`;
    case 'code':
      return `<pre><code>${escapeHtml(block.text)}</code></pre>`;
    case 'facts':
      return `<dl>${block.rows.map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${valueHtml(value)}</dd>`).join('')}</dl>`;
    case 'link':
      return `<p>${linkHtml(block.url, block.text)}</p>`;
  }
}

function valueHtml(value: string): string {
  return isWebUrl(value) ? linkHtml(value, value) : escapeHtml(value);
}

/** Only http and https become links: no `javascript:` from a configured URL. */
function linkHtml(url: string, text: string): string {
  return isWebUrl(url) ? `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>` : escapeHtml(text);
}

function isWebUrl(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text);
}
