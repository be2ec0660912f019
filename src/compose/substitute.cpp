#include "compose/substitute.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>

#include "util/strings.hpp"

namespace compose {
namespace {

bool is_name_start(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name_char(char c) {
  return is_name_start(c) || util::is_digit(c);
}

enum class Form { none, escaped, named, braced, invalid };

struct Match {
  Form form = Form::none;
  std::size_t end = 0;  // behind the match
};

// What starts at the `$` at `at`. A braced form with an operator reaches to the last brace of its
// line.
Match match_at(std::string_view text, std::size_t at) {
  std::size_t i = at + 1;
  if (i >= text.size()) {
    return {};
  }
  if (text[i] == '$') {
    return {Form::escaped, i + 1};
  }
  if (is_name_start(text[i])) {
    while (i < text.size() && is_name_char(text[i])) {
      ++i;
    }
    return {Form::named, i};
  }
  if (text[i] != '{') {
    return {};
  }
  const Match invalid{Form::invalid, i + 1};
  ++i;
  if (i >= text.size() || !is_name_start(text[i])) {
    return invalid;
  }
  while (i < text.size() && is_name_char(text[i])) {
    ++i;
  }
  if (i < text.size() && text[i] == '}') {
    return {Form::braced, i + 1};
  }
  if (i < text.size() && text[i] == ':') {
    ++i;
  }
  if (i >= text.size() || (text[i] != '-' && text[i] != '+' && text[i] != '?')) {
    return invalid;
  }
  const std::string_view line = text.substr(0, text.find('\n', i));
  const std::size_t close = line.rfind('}');
  return close == std::string_view::npos || close <= i ? invalid : Match{Form::braced, close + 1};
}

// A brace opens a level and hides the character behind it.
std::size_t closing_brace(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}') {
      if (--depth == 0) {
        return i;
      }
    } else if (text[i] == '{') {
      ++depth;
      ++i;
    }
  }
  return std::string_view::npos;
}

std::string_view first_operator(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kOperators{":?", "?", ":-", "-", ":+", "+"};
  std::string_view best;
  std::size_t best_at = std::string_view::npos;
  for (const std::string_view op : kOperators) {
    if (const std::size_t at = text.find(op); at < best_at) {
      best_at = at;
      best = op;
    }
  }
  return best;
}

class Substitution {
 public:
  explicit Substitution(VariableSource& variables) : variables_(variables) {}

  util::Result<std::string, TemplateError> text(std::string_view text, int depth) {
    std::string out;
    std::optional<TemplateError> error;
    std::size_t done = 0;
    for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
      const Match match = match_at(text, at);
      if (match.form == Form::none) {
        ++at;
        continue;
      }
      out += text.substr(done, at - done);
      done = match.end;
      util::Result<std::string, TemplateError> value =
          one(text.substr(at, match.end - at), match.form, depth);
      at = match.end;
      if (value) {
        out += *value;
      } else if (!error) {
        error = std::move(value.error());
        if (error->required.empty() && error->invalid.empty()) {
          error->invalid = std::string(text);
        }
      }
    }
    if (error) {
      return util::unexpected(std::move(*error));
    }
    out += text.substr(done);
    return out;
  }

 private:
  util::Result<std::string, TemplateError> one(std::string_view match, Form form, int depth) {
    switch (form) {
      case Form::escaped: return "$";
      case Form::named: return plain(match.substr(1));
      case Form::braced:
        return depth > kMaxDepth ? util::unexpected(TemplateError{}) : braced(match, depth);
      case Form::none:
      case Form::invalid: break;
    }
    return util::unexpected(TemplateError{});
  }

  util::Result<std::string, TemplateError> plain(std::string_view name) {
    if (const std::optional<std::string_view> value = variables_.find(name)) {
      return std::string(*value);
    }
    variables_.unset(name);
    return std::string();
  }

  util::Result<std::string, TemplateError> braced(std::string_view match, int depth) {
    const std::string_view op = first_operator(match);
    std::string_view rest;
    if (const std::size_t close = closing_brace(match); close != std::string_view::npos) {
      rest = match.substr(close + 1);
      match = match.substr(0, close + 1);
    }
    if (match_at(match, 0).form != Form::braced) {
      return util::unexpected(TemplateError{});
    }
    const std::string_view inside = match.substr(2, match.size() - 3);
    const std::size_t split = op.empty() ? std::string_view::npos : inside.find(op);
    if (split == std::string_view::npos) {
      return plain(inside);
    }
    util::Result<std::string, TemplateError> value =
        apply(inside.substr(0, split), op, inside.substr(split + op.size()), depth);
    if (!value) {
      return value;
    }
    util::Result<std::string, TemplateError> tail = text(rest, depth + 1);
    return tail ? util::Result<std::string, TemplateError>(*value + *tail) : tail;
  }

  util::Result<std::string, TemplateError> apply(std::string_view name,
                                                 std::string_view op,
                                                 std::string_view argument,
                                                 int depth) {
    const std::optional<std::string_view> value = variables_.find(name);
    const bool counts = value && (op.front() != ':' || !value->empty());
    const char kind = op.back();
    if (kind == '+') {
      return counts ? text(argument, depth + 1) : std::string(value.value_or(""));
    }
    if (counts) {
      return std::string(*value);
    }
    util::Result<std::string, TemplateError> alternative = text(argument, depth + 1);
    if (kind == '-' || !alternative) {
      return alternative;
    }
    return util::unexpected(TemplateError{"required variable " + std::string(name) +
                                              " is missing a value" +
                                              (alternative->empty() ? "" : ": " + *alternative),
                                          {}});
  }

  static constexpr int kMaxDepth = 200;
  VariableSource& variables_;
};

class VariableCollector {
 public:
  void visit(const doc::Node& node) {
    if (const std::string* text = node.as_string()) {
      visit_text(*text, 0);
    } else if (const doc::Mapping* mapping = node.as_mapping()) {
      for (const doc::Entry& entry : mapping->entries) {
        visit(entry.value);
      }
    } else if (const doc::Sequence* list = node.as_sequence()) {
      for (const doc::Node& item : list->items) {
        visit(item);
      }
    }
  }

  std::vector<VariableUse> take() {
    std::vector<VariableUse> out;
    for (auto& [name, use] : uses_) {
      out.push_back(std::move(use));
    }
    return out;
  }

 private:
  void visit_text(std::string_view text, int depth) {
    for (std::size_t at = text.find('$'); at != std::string_view::npos && depth < kMaxNesting;
         at = text.find('$', at)) {
      const Match match = match_at(text, at);
      const std::string_view found = text.substr(at, match.end - at);
      at = match.form == Form::none ? at + 1 : match.end;
      if (match.form == Form::named) {
        add({std::string(found.substr(1)), false, {}, {}});
      } else if (match.form == Form::braced) {
        const std::size_t close = std::min(closing_brace(found), found.size() - 1);
        visit_braced(found.substr(2, close - 2), depth);
        visit_text(found.substr(close + 1), depth + 1);
      }
    }
  }

  void visit_braced(std::string_view inside, int depth) {
    const auto end =
        std::find_if_not(inside.begin(), inside.end(), [](char c) { return is_name_char(c); });
    const auto length = static_cast<std::size_t>(end - inside.begin());
    std::string_view rest = inside.substr(length);
    if (rest.starts_with(':')) {
      rest.remove_prefix(1);
    }
    const std::string argument(rest.substr(std::min<std::size_t>(rest.size(), 1)));
    VariableUse use{std::string(inside.substr(0, length)), rest.starts_with('?'), {}, {}};
    if (rest.starts_with('-')) {
      use.default_value = argument;
    } else if (rest.starts_with('+')) {
      use.presence_value = argument;
    }
    const bool nested = !use.required;
    add(std::move(use));
    if (nested) {
      visit_text(argument, depth + 1);
    }
  }

  void add(VariableUse use) {
    const auto [at, fresh] = uses_.try_emplace(use.name, use);
    if (!fresh && (use.required || !use.default_value.empty() || !use.presence_value.empty())) {
      at->second = std::move(use);
    }
  }

  static constexpr int kMaxNesting = 200;
  std::map<std::string, VariableUse> uses_;
};

}  // namespace

std::vector<VariableUse> variables_of(const doc::Node& document) {
  VariableCollector collector;
  collector.visit(document);
  return collector.take();
}

util::Result<std::string, TemplateError> substitute(std::string_view text,
                                                    VariableSource& variables) {
  return Substitution(variables).text(text, 0);
}

}  // namespace compose
