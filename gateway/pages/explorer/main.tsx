import 'graphiql/setup-workers/vite';
import { createRoot } from 'react-dom/client';
import { getJson } from '../api.js';
import type { About, Example, Persona } from '../api.js';
import { Explorer } from './explorer.js';

const about = await getJson<About>('/about.json');
const [examples, personas] = await Promise.all([
  getJson<readonly Example[]>('/examples.json'),
  about.localIssuer ? getJson<readonly Persona[]>('/auth/personas') : [],
]);
const asked = new URLSearchParams(location.search);
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <Explorer
    localIssuer={about.localIssuer}
    examples={examples}
    personas={personas}
    firstExample={asked.get('example')}
    firstPersona={asked.get('persona')}
  />,
);
