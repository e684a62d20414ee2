// Parses expressions by Prometheus's own grammar: JSON texts on standard input, what stands in each on standard output.
import { createRequire } from "node:module";

const { parser } = createRequire(`${process.argv[2]}/`)("@prometheus-io/lezer-promql");

const read = (expression) => {
  const found = { expression, errors: [], selectors: [], grouped: [] };
  const text = (node) => expression.slice(node.from, node.to);
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) found.errors.push(node.from);
      if (node.name === "VectorSelector") {
        const labels = [];
        node.node.cursor().iterate((inner) => {
          if (inner.name === "LabelName") labels.push(text(inner));
        });
        const metric = node.node.getChild("Identifier");
        found.selectors.push({ metric: metric ? text(metric) : null, labels });
      }
      if (node.name === "GroupingLabels") {
        node.node.cursor().iterate((inner) => {
          if (inner.name === "LabelName") found.grouped.push(text(inner));
        });
      }
    },
  });
  return found;
};

const expressions = JSON.parse(await new Response(process.stdin).text());
process.stdout.write(JSON.stringify(expressions.map(read)));
