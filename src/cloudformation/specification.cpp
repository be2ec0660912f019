#include "cloudformation/specification.hpp"

#include <algorithm>
#include <memory>
#include <mutex>

#include "cloudformation/specification_rows.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

std::string_view next_word(std::string_view& text) {
  const std::size_t start = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = std::min(text.find(' ', start), text.size());
  const std::string_view word = text.substr(start, end - start);
  text.remove_prefix(end);
  return word;
}

ValueType parse_value_type(std::string_view text, std::vector<ValueType>& elements) {
  if (text.front() == '[' || text.front() == '{') {
    const ValueType element = parse_value_type(text.substr(1, text.size() - 2), elements);
    elements.push_back(element);
    return {text.front() == '[' ? ValueKind::list : ValueKind::map,
            {},
            static_cast<int>(elements.size()) - 1};
  }
  constexpr std::pair<std::string_view, ValueKind> kScalars[] = {{"string", ValueKind::string},
                                                                 {"integer", ValueKind::integer},
                                                                 {"number", ValueKind::number},
                                                                 {"boolean", ValueKind::boolean},
                                                                 {"json", ValueKind::json}};
  for (const auto& [name, kind] : kScalars) {
    if (name == text) {
      return {kind, {}, -1};
    }
  }
  return {ValueKind::structure, text, -1};
}

// JSON schema's patterns hold for any part of the text.
std::string whole_text_pattern(std::string_view text) {
  const bool whole = text.starts_with('^') && text.ends_with('$');
  return whole ? std::string(text) : "(.|\\n)*(" + std::string(text) + ")(.|\\n)*";
}

void take_option(std::string_view word, PropertySpecification& out) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view{} : word.substr(equals + 1);
  if (name == "required") {
    out.required = true;
  } else if (name == "min") {
    out.min = util::parse_int(value);
  } else if (name == "max") {
    out.max = util::parse_int(value);
  } else if (name == "emin") {
    out.element_min = util::parse_int(value);
  } else if (name == "emax") {
    out.element_max = util::parse_int(value);
  } else if (name == "enum") {
    out.enums = value;
  }
}

PropertySpecification parse_property_line(std::string_view line, std::vector<ValueType>& elements) {
  PropertySpecification out;
  const std::size_t pattern = line.find(" pattern=");
  if (pattern != std::string_view::npos) {
    out.pattern_text = line.substr(pattern + 9);
    out.pattern = whole_text_pattern(out.pattern_text);
    line = line.substr(0, pattern);
  }
  out.name = next_word(line);
  out.type = parse_value_type(next_word(line), elements);
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    take_option(word, out);
  }
  return out;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    out.push_back(word);
  }
  return out;
}

void take_line(std::string_view line,
               StructureSpecification& structure,
               std::vector<ValueType>& elements) {
  const std::string_view text = line.substr(2);
  if (text.starts_with("xor ")) {
    structure.exactly_one.push_back(words_of(text.substr(4)));
  } else if (text.starts_with("or ")) {
    structure.at_least_one.push_back(words_of(text.substr(3)));
  } else {
    structure.properties.push_back(parse_property_line(text, elements));
  }
}

std::unique_ptr<TypeSpecification> parse_row(const SpecificationRow& row) {
  auto out = std::make_unique<TypeSpecification>();
  out->type = row.type;
  StructureSpecification* current = &out->properties;
  std::string_view text = row.text;
  for (bool first = true; !text.empty(); first = false) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t attributes = line.find(" attributes=");
    if (first && attributes != std::string_view::npos) {
      std::string_view names = line.substr(attributes + 12);
      while (!names.empty()) {
        const std::size_t comma = std::min(names.find(','), names.size());
        out->attributes.push_back(names.substr(0, comma));
        names.remove_prefix(std::min(comma + 1, names.size()));
      }
    } else if (line.starts_with("type ")) {
      current = &out->structures[line.substr(5)];
    } else if (line.starts_with("  ")) {
      take_line(line, *current, out->elements);
    }
  }
  return out;
}

bool same_attribute(std::string_view pattern, std::string_view attribute) {
  const std::vector<std::string> wanted = util::split(pattern, '.');
  const std::vector<std::string> given = util::split(attribute, '.');
  return std::equal(
      wanted.begin(), wanted.end(), given.begin(), given.end(), [](const auto& w, const auto& g) {
        return w == g || (w == "*" && util::parse_int(g).has_value());
      });
}

}  // namespace

const PropertySpecification* StructureSpecification::find(std::string_view name) const {
  const auto at = std::ranges::lower_bound(properties, name, {}, &PropertySpecification::name);
  return at == properties.end() || at->name != name ? nullptr : &*at;
}

bool TypeSpecification::yields(std::string_view attribute) const {
  return properties.find(attribute.substr(0, attribute.find('.'))) != nullptr ||
         std::ranges::any_of(
             attributes, [&](std::string_view known) { return same_attribute(known, attribute); });
}

const TypeSpecification* find_specification(std::string_view type) {
  static std::mutex mutex;
  static std::map<std::string_view, std::unique_ptr<TypeSpecification>> read;
  const auto rows = specification_rows();
  const auto row = std::ranges::lower_bound(rows, type, {}, &SpecificationRow::type);
  if (row == rows.end() || row->type != type) {
    return nullptr;
  }
  const std::lock_guard lock(mutex);
  std::unique_ptr<TypeSpecification>& known = read[row->type];
  if (known == nullptr) {
    known = parse_row(*row);
  }
  return known.get();
}

std::vector<std::string_view> specified_types() {
  std::vector<std::string_view> out;
  for (const SpecificationRow& row : specification_rows()) {
    out.push_back(row.type);
  }
  return out;
}

}  // namespace cloudformation
