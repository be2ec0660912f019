#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "diag/span.hpp"
#include "doc/node.hpp"
#include "util/result.hpp"

namespace doc {

// Why a text is no YAML, in go-yaml's words without its "yaml: " in front ("while parsing a block
// mapping at line 2, column 3: line 4, column 1: did not find expected key"), so that people find
// the same answers when they search.
struct YamlError {
  std::string message;
  diag::Span span;
  // The text is well-formed, but a mapping has a key twice, or a value cannot be built. `fault` is
  // the message's own part of it.
  bool in_construction = false;
  std::string fault;
  // Each key that the document's root has twice, a line each, as in `fault`; empty when it has
  // none.
  std::string root_duplicates;
};

// A mapping key that is no string (`1: x`), as Go prints it, and the mapping it stands in
// ("services.a", "" at the top).
struct OddKey {
  std::string where;
  std::string key;
  diag::Span span;
};

struct YamlDocument {
  Node root;
  // Some node carries a tag of its own. Nodes tagged "!reset" are only place holders here: see
  // YamlTags.
  bool has_tags = false;
  std::vector<OddKey> odd_keys;
};

struct YamlStream {
  std::size_t nodes = 0;                // of all documents, those that aliases stand for included
  std::vector<YamlDocument> documents;  // the complete ones before the error, if there is one
  std::vector<YamlError> errors;  // at most one; it belongs to the document behind the last one
};

// A tree of so many takes some 150 MiB.
inline constexpr std::size_t kMostYamlNodes = 1'000'000;

enum class YamlTags : unsigned char {
  // Tags stay on their nodes: `!Ref x` is a string with the tag "!Ref".
  keep,
  // As Compose wants it: an entry tagged "!reset" neither hides a merged one nor counts as a value.
  // It stays in its mapping, null,
  // after the real entries, so that the reader of the tree can see and remove it.
  compose,
};

// Reads every document of a text with anchors, aliases and merge keys resolved, each node with its
// place. Limits: nesting of 1,000, 1,000 documents, `most_nodes` nodes, and aliases may not blow
// the document up (the ratio rule of go-yaml). Duplicate keys are errors.
//
// Most files are simple enough for a reader of our own (SimpleYamlEvents); what it is not sure of
// is read by libyaml.
YamlStream read_yaml(std::string_view text,
                     diag::FileId file,
                     YamlTags tags = YamlTags::keep,
                     std::size_t most_nodes = kMostYamlNodes);

// The same, by libyaml alone: what read_yaml is held against.
YamlStream read_any_yaml(std::string_view text,
                         diag::FileId file,
                         YamlTags tags = YamlTags::keep,
                         std::size_t most_nodes = kMostYamlNodes);

}  // namespace doc
