import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { Router } from 'express';
import type { RequestHandler } from 'express';
import { hasLocalIssuer } from './config.js';
import type { GatewayConfig } from './config.js';
import { list, readExamples } from './examples.js';
import { contentPolicy } from './guards.js';

/** A document as the pages list it. */
interface Doc {
  readonly title: string;
  readonly path: string;
}

/** `/`, `/explorer`, `/docs`, their files, and what they ask for. */
export function pageRoutes(config: GatewayConfig): Router {
  const router = Router();
  router.get('/', page(config, 'index.html'));
  router.get('/explorer', page(config, 'explorer.html', true));
  router.get('/docs', page(config, 'docs.html'));
  router.use(
    '/assets',
    express.static(join(config.pagesDir, 'assets'), {
      immutable: true,
      maxAge: '1y',
      index: false,
    }),
  );
  router.get('/about.json', async (_req, res) => {
    const { mode } = config;
    res.json({ mode, localIssuer: hasLocalIssuer(config), docs: await listDocs(config.rootDir) });
  });
  router.get('/examples.json', async (_req, res) => {
    res.json(await readExamples(join(config.rootDir, 'examples')));
  });
  router.get('/docs/{*path}', document(config.rootDir));
  return router;
}

function page(config: GatewayConfig, file: string, inlineStyles = false): RequestHandler {
  return (_req, res) => {
    if (!existsSync(join(config.pagesDir, file))) {
      res
        .status(503)
        .type('text')
        .send('The pages are not built: npm run build -w @yanxiu/gateway');
      return;
    }
    res.set('content-security-policy', contentPolicy(inlineStyles));
    res.sendFile(file, { root: config.pagesDir, cacheControl: false });
  };
}

/** A file of the documentation, as text; the list is the only way in, so no path leads out. */
function document(rootDir: string): RequestHandler {
  return async (req, res, next) => {
    const wanted = req.path.replace(/^\/docs\//, '');
    const known = await listDocs(rootDir);
    if (!known.some((doc) => doc.path === wanted)) {
      next();
      return;
    }
    res.type('text/plain; charset=utf-8');
    res.sendFile(wanted, { root: rootDir });
  };
}

const ROOT_DOCS = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md'];

async function listDocs(rootDir: string): Promise<Doc[]> {
  const [root, docs, decisions] = await Promise.all(
    ['.', 'docs', 'docs/decisions'].map((folder) => list(join(rootDir, folder))),
  );
  const paths = [
    ...ROOT_DOCS.filter((file) => root?.includes(file)),
    ...markdown(docs, 'docs'),
    ...markdown(decisions, 'docs/decisions'),
  ];
  return paths.map((path) => ({ path, title: path.replace(/^docs\//, '').replace(/\.md$/, '') }));
}

function markdown(files: readonly string[] | undefined, folder: string): string[] {
  const found = (files ?? []).filter((file) => file.endsWith('.md'));
  return found.sort().map((file) => `${folder}/${file}`);
}
