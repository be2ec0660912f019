#include "diag/source_map.hpp"

#include <algorithm>
#include <utility>

namespace diag {

FileId SourceMap::add(std::string name, std::string text) {
  Source source{std::move(name), std::move(text), {0}};
  for (std::uint32_t i = 0; i < source.text.size(); ++i) {
    if (source.text[i] == '\n') {
      source.line_starts.push_back(i + 1);
    }
  }
  sources_.push_back(std::move(source));
  return {static_cast<std::uint32_t>(sources_.size())};
}

const SourceMap::Source* SourceMap::get(FileId file) const {
  return file.value == 0 || file.value > sources_.size() ? nullptr : &sources_[file.value - 1];
}

std::string_view SourceMap::name(FileId file) const {
  const Source* source = get(file);
  return source == nullptr ? std::string_view{} : source->name;
}

std::string_view SourceMap::text(FileId file) const {
  const Source* source = get(file);
  return source == nullptr ? std::string_view{} : source->text;
}

Position SourceMap::position(FileId file, std::uint32_t offset) const {
  const Source* source = get(file);
  if (source == nullptr) {
    return {};
  }
  const auto after =
      std::upper_bound(source->line_starts.begin(), source->line_starts.end(), offset);
  const auto line = static_cast<std::uint32_t>(after - source->line_starts.begin());
  return {line, offset - source->line_starts[line - 1] + 1};
}

std::string_view SourceMap::line(FileId file, std::uint32_t line) const {
  const Source* source = get(file);
  if (source == nullptr || line == 0 || line > source->line_starts.size()) {
    return {};
  }
  std::string_view rest = std::string_view(source->text).substr(source->line_starts[line - 1]);
  rest = rest.substr(0, rest.find('\n'));
  return rest.ends_with('\r') ? rest.substr(0, rest.size() - 1) : rest;
}

std::string SourceMap::describe(const Span& span) const {
  if (get(span.file) == nullptr) {
    return {};
  }
  const Position at = position(span.file, span.begin);
  return std::string(name(span.file)) + ":" + std::to_string(at.line) + ":" +
         std::to_string(at.column);
}

}  // namespace diag
