#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "doc/yaml_reader.hpp"

// What a YAML text consists of, one event at a time. Two sources make the same events:
// LibyamlEvents for every text, SimpleYamlEvents for what most files are made of.
namespace doc {

struct YamlEvent {
  enum class Kind : std::uint8_t {
    stream_end,
    document_start,
    document_end,
    alias,
    scalar,
    sequence_start,
    sequence_end,
    mapping_start,
    mapping_end,
  };
  Kind kind = Kind::stream_end;
  // Bytes of the text.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  // Of `begin`, from zero, in characters; only LibyamlEvents tells them.
  std::size_t line = 0;
  std::size_t column = 0;
  // Valid until the next event. Core tags are in their short form ("!!str").
  std::string_view text;    // of a scalar
  std::string_view anchor;  // of a node, or the one that an alias means
  std::string_view tag;
  bool plain = false;  // a scalar without quotes
};

// A text that is no YAML, or that cannot be built.
struct YamlFailure {
  YamlError error;
};

// Thrown by SimpleYamlEvents, and by who finds a fault in its events: the text is not that simple,
// LibyamlEvents has to read it.
struct NotSimple {};

class YamlEvents {
 public:
  YamlEvents() = default;
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;
  virtual ~YamlEvents() = default;
  // Throws YamlFailure or NotSimple.
  virtual void next(YamlEvent& event) = 0;
  // Faults can be told: events have lines and columns.
  [[nodiscard]] virtual bool has_positions() const = 0;
};

}  // namespace doc
