import MarkdownIt from 'markdown-it';
import { getJson } from '../api.js';
import type { About } from '../api.js';

// Raw HTML in a document is shown as text.
const markdown = new MarkdownIt({ html: false, linkify: false });

const about = await getJson<About>('/about.json');
const paths = about.docs.map((doc) => doc.path);
const list = document.getElementById('documents');
const article = document.getElementById('document');

function current(): string {
  const asked = decodeURIComponent(location.hash.slice(1));
  if (paths.includes(asked)) return asked;
  const own = navigator.language.startsWith('zh') ? 'README.zh-CN.md' : 'README.md';
  return paths.includes(own) ? own : (paths[0] ?? '');
}

/** A link from one document to another stays inside this page. */
function keepLinksInside(path: string): void {
  for (const anchor of article?.querySelectorAll('a') ?? []) {
    const target = anchor.getAttribute('href') ?? '';
    if (/^[a-z]+:|^#/i.test(target)) continue;
    const resolved = new URL(target, `http://docs/${path}`).pathname.slice(1);
    if (paths.includes(resolved)) anchor.setAttribute('href', `#${resolved}`);
  }
}

async function show(): Promise<void> {
  const path = current();
  if (path === '' || article === null) return;
  const response = await fetch(`/docs/${path}`);
  article.innerHTML = markdown.render(await response.text());
  keepLinksInside(path);
  list?.replaceChildren(
    ...about.docs.map((doc) => {
      const anchor = document.createElement('a');
      anchor.href = `#${doc.path}`;
      anchor.textContent = doc.title;
      if (doc.path === path) anchor.setAttribute('aria-current', 'page');
      return anchor;
    }),
  );
}

addEventListener('hashchange', () => void show());
await show();
