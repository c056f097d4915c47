import { fetchToken, getJson } from '../api.js';
import type { About, Example, Persona, Readiness } from '../api.js';
import { SERVICES, TEXT } from './text.js';
import type { Language, TextKey } from './text.js';

const KEY = 'yanxiu:language';
const REFRESH_MS = 5_000;

let language: Language = firstLanguage();
let personas: readonly Persona[] = [];
let examples: readonly Example[] = [];
let state: Readiness | null = null;
let about: About | null = null;

function firstLanguage(): Language {
  const kept = localStorage.getItem(KEY) ?? navigator.language;
  return kept.startsWith('zh') ? 'zh' : 'en';
}

function text(key: TextKey): string {
  return TEXT[language][key];
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

function element(tag: string, className: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.textContent = content;
  return made;
}

function item(...children: readonly HTMLElement[]): HTMLElement {
  const made = document.createElement('li');
  made.append(...children);
  return made;
}

function link(href: string, content: string): HTMLElement {
  const made = document.createElement('a');
  made.href = href;
  made.textContent = content;
  return made;
}

function showServices(): void {
  if (state === null) return;
  const ready = state.status === 'ready';
  const overall = byId('overall');
  overall.className = `pill ${ready ? 'up' : 'down'}`;
  overall.textContent = text(ready ? 'ready' : 'notReady');
  const rows = Object.entries(state.services).map(([name, service]) => {
    const up = service.state === 'up';
    return item(
      element('span', 'name', SERVICES[name]?.[language] ?? name),
      element('span', `pill ${up ? 'up' : 'down'}`, text(up ? 'up' : 'down')),
      element('small', '', service.reason ?? name),
    );
  });
  byId('services').replaceChildren(...rows);
}

function showPersonas(): void {
  byId('personas-section').hidden = about?.localIssuer !== true;
  const rows = personas.map((each) => {
    const button = element('button', 'quiet', text('getToken'));
    button.addEventListener('click', () => void showToken(each));
    const title = language === 'zh' ? each.zh : each.persona;
    const other = language === 'zh' ? each.persona : each.zh;
    return item(
      element('span', 'name', title),
      element('small', '', `${other} · ${text('unit')} ${each.unit}`),
      button,
    );
  });
  const none = [item(element('span', '', text('noPersonas')))];
  byId('personas').replaceChildren(...(rows.length === 0 ? none : rows));
}

async function showToken(each: Persona): Promise<void> {
  const dialog = byId('token-dialog');
  const area = byId('token');
  if (!(dialog instanceof HTMLDialogElement) || !(area instanceof HTMLTextAreaElement)) return;
  byId('token-title').textContent =
    `${text('token')} · ${language === 'zh' ? each.zh : each.persona}`;
  byId('token-explorer').setAttribute('href', `/explorer?persona=${each.persona}`);
  byId('copy').textContent = text('copy');
  try {
    area.value = await fetchToken(each.persona);
  } catch (error) {
    area.value = text('failed') + (error instanceof Error ? error.message : String(error));
  }
  dialog.showModal();
  area.select();
}

/** What a question is about: the comment at its top, in this language. */
function aboutOf({ query }: Example): string {
  const lines = /^(?:#.*\n)*/.exec(query)?.[0].split('\n') ?? [];
  const inChinese = (line: string): boolean => /\p{Script=Han}/u.test(line);
  return lines
    .filter((line) => inChinese(line) === (language === 'zh'))
    .map((line) => line.replace(/^#\s*/, ''))
    .join(language === 'zh' ? '' : ' ');
}

function showExamples(): void {
  const rows = examples.map((each) => {
    const who = personas.find((one) => one.persona === each.persona);
    const asker =
      each.persona === null ? text('anyone') : (language === 'zh' && who?.zh) || each.persona;
    const href = `/explorer?example=${encodeURIComponent(each.name)}`;
    const question = element('span', '', aboutOf(each));
    return item(link(href, each.name), question, element('small', '', asker));
  });
  const none = [item(element('span', '', text('noExamples')))];
  byId('examples').replaceChildren(...(rows.length === 0 ? none : rows));
}

function showAll(): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const each of document.querySelectorAll<HTMLElement>('[data-text]')) {
    const key = each.dataset['text'];
    if (key !== undefined && key in TEXT.en) each.textContent = text(key as TextKey);
  }
  byId('language').textContent = text('switch');
  showServices();
  showPersonas();
  showExamples();
}

async function refresh(): Promise<void> {
  try {
    state = await getJson<Readiness>('/health/ready');
  } catch {
    state = { status: 'not ready', services: { gateway: { state: 'down' } } };
  }
  showServices();
}

async function copyToken(): Promise<void> {
  const area = byId('token');
  if (!(area instanceof HTMLTextAreaElement)) return;
  await navigator.clipboard.writeText(area.value);
  byId('copy').textContent = text('copied');
}

byId('language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem(KEY, language);
  showAll();
});
byId('copy').addEventListener('click', () => void copyToken());
setInterval(() => {
  if (document.visibilityState === 'visible') void refresh();
}, REFRESH_MS);

showAll();
const stateShown = refresh();
about = await getJson<About>('/about.json');
if (about.localIssuer) personas = await getJson<readonly Persona[]>('/auth/personas');
examples = await getJson<readonly Example[]>('/examples.json');
await stateShown;
showAll();
