import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { startWorld } from './fixtures/world.js';
import type { World } from './fixtures/world.js';

const pages = fileURLToPath(new URL('../pages/', import.meta.url));
const shots = join(tmpdir(), 'yanxiu-screenshots');

jest.setTimeout(60_000);

describe('the pages in Chromium', () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  let requested: string[] = [];
  let problems: string[] = [];

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    world = await startWorld();
    if (!existsSync(join(world.config.pagesDir, 'index.html'))) {
      await build({ configFile: join(pages, 'vite.config.ts'), logLevel: 'warn' });
    }
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
  });
  afterAll(async () => {
    await browser.close();
    await world.stop();
  });
  beforeEach(async () => {
    requested = [];
    problems = [];
    page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
    page.on('request', (request) => requested.push(request.url()));
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
  });
  afterEach(async () => {
    await page.close();
    const elsewhere = requested.filter((url) => !isOwn(url, world.gateway.url));
    expect(elsewhere).toEqual([]);
    expect(requested.length).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  it('show what runs, in both languages, and give a persona’s token', async () => {
    await page.goto(world.gateway.url);
    await page.locator('#overall', { hasText: 'all ready' }).waitFor();
    expect(await page.locator('#services li').count()).toBe(2);
    await page.screenshot({ path: join(shots, 'start-en.png'), fullPage: true });
    await page.locator('#language').click();
    await page.locator('#overall', { hasText: '全部正常' }).waitFor();
    await page.screenshot({ path: join(shots, 'start-zh.png'), fullPage: true });
    await page.locator('#personas li', { hasText: '教师' }).locator('button').click();
    await page.locator('#token-dialog[open]').waitFor();
    const token = await page.locator('#token').inputValue();
    await page.screenshot({ path: join(shots, 'token.png') });
    const headers = { authorization: `Bearer ${token}` };
    expect((await world.ask('{ hoursMinimum }', { headers })).status).toBe(200);
  });

  it('run an example as its persona in the explorer', async () => {
    await page.goto(`${world.gateway.url}/explorer`);
    await page.locator('.graphiql-query-editor .view-lines').first().waitFor();
    await page.locator('#example').selectOption('01-teacher-hours');
    const chosen = page.locator('#persona option:checked', { hasText: 'city-officer' });
    await chosen.waitFor({ state: 'attached' });
    await page.locator('.graphiql-query-editor', { hasText: 'TeacherHours' }).waitFor();
    await page.locator('.graphiql-execute-button').click();
    await page.locator('.graphiql-response', { hasText: '72.00' }).waitFor();
    await page.screenshot({ path: join(shots, 'explorer.png') });
    expect(world.hours.seen.at(-1)?.authorization).toMatch(/^Bearer eyJ/);
  });

  it('render the documents', async () => {
    await page.goto(`${world.gateway.url}/docs`);
    await page.locator('#document h1', { hasText: 'A readme' }).waitFor();
    await page.locator('#document a', { hasText: 'put together' }).click();
    await page.locator('#document h1', { hasText: 'Architecture of the test' }).waitFor();
    await page.screenshot({ path: join(shots, 'docs.png') });
  });
});

/** Our own origin, or made inside the page. */
function isOwn(url: string, origin: string): boolean {
  return (
    url.startsWith(`${origin}/`) || url.startsWith('data:') || url.startsWith(`blob:${origin}`)
  );
}
