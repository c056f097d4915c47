import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from '@graphiql/plugin-doc-explorer';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history';
import { GraphiQLProvider } from '@graphiql/react';
import { GraphiQLInterface } from 'graphiql';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Example, Persona } from '../api.js';
import { gatewayFetcher } from './fetcher.js';
import { TopBar } from './top-bar.js';

interface Props {
  readonly localIssuer: boolean;
  readonly examples: readonly Example[];
  readonly personas: readonly Persona[];
  readonly firstExample: string | null;
  readonly firstPersona: string | null;
}

const plugins = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];

const WELCOME = `# 研修 Yanxiu
# Pick a persona and an example above, or write a query here. Ctrl+Enter runs it.
# 先在上方选择身份和示例，或在此处编写查询，Ctrl+Enter 运行。
query Instruments {
  policyInstruments {
    citation
    title
  }
}
`;

/** Who may see the schema. */
function readerAmong(personas: readonly Persona[]): string | null {
  const reader = ['ANALYST', 'OFFICER']
    .map((role) => personas.find((each) => each.role === role))
    .find((each) => each !== undefined);
  return reader?.persona ?? null;
}

/** GraphiQL with a bar above it that says who asks. */
export function Explorer(props: Props): ReactNode {
  const [fetcher] = useState(() => gatewayFetcher('/graphql', readerAmong(props.personas)));
  return (
    <GraphiQLProvider
      fetcher={fetcher.fetch}
      plugins={plugins}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultQuery={WELCOME}
    >
      <HistoryStore>
        <DocExplorerStore>
          <TopBar {...props} onToken={fetcher.setToken} />
          <GraphiQLInterface
            showPersistHeadersSettings={false}
            defaultEditorToolsVisibility="variables"
          />
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  );
}
