// libFuzzer target: the YAML reader. It reads what libyaml alone reads, and what it reads is
// written and read again without a change.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "doc/node.hpp"
#include "doc/yaml_reader.hpp"
#include "doc/yaml_writer.hpp"
#include "support/yaml_difference.hpp"

namespace {

void check_spans(const doc::Node& node, std::size_t size) {
  if (node.span.begin > node.span.end || node.span.end > size) {
    __builtin_trap();
  }
  if (const doc::Mapping* mapping = node.as_mapping()) {
    for (const doc::Entry& entry : mapping->entries) {
      check_spans(entry.value, size);
    }
  } else if (const doc::Sequence* sequence = node.as_sequence()) {
    for (const doc::Node& item : sequence->items) {
      check_spans(item, size);
    }
  }
}

void check_round_trip(const doc::Node& root) {
  const std::string text = doc::to_yaml(root);
  const doc::YamlStream again = doc::read_yaml(text, {});
  if (!again.errors.empty() || again.documents.size() != 1 ||
      doc::to_yaml(again.documents.front().root) != text) {
    std::fprintf(stderr, "not the same when it is read again:\n%s", text.c_str());
    __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(doc::read_yaml(text, {}, doc::YamlTags::compose));
  const doc::YamlStream stream = doc::read_yaml(text, {});
  if (const std::string difference = test::yaml_difference(stream, doc::read_any_yaml(text, {}));
      !difference.empty()) {
    std::fprintf(stderr, "libyaml reads it differently: %s\n", difference.c_str());
    __builtin_trap();
  }
  for (const doc::YamlDocument& document : stream.documents) {
    check_spans(document.root, size);
    if (!document.has_tags) {
      check_round_trip(document.root);
    }
  }
  return 0;
}
