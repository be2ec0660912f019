#include "local/actions/log_filter.hpp"

#include <algorithm>

#include "util/strings.hpp"

namespace local {

namespace {

// Takes one term (a word, or a quoted phrase) from the front; nothing when a quote is not closed.
std::optional<std::string> take_term(std::string_view& text) {
  if (text.front() != '"') {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    std::string term(text.substr(0, end));
    text.remove_prefix(end);
    return term;
  }
  std::string term;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return term;
    }
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
    }
    term.push_back(text[i]);
  }
  return std::nullopt;
}

}  // namespace

std::optional<LogFilter> LogFilter::parse(std::string_view pattern) {
  LogFilter filter;
  pattern = util::trim(pattern);
  if (!pattern.empty() && std::string_view("{[%").find(pattern.front()) != std::string_view::npos) {
    return std::nullopt;
  }
  while (!pattern.empty()) {
    std::vector<std::string>* list = &filter.all_;
    if (pattern.front() == '?' || pattern.front() == '-') {
      list = pattern.front() == '?' ? &filter.any_ : &filter.none_;
      pattern.remove_prefix(1);
    }
    auto term = pattern.empty() ? std::nullopt : take_term(pattern);
    if (!term) {
      return std::nullopt;
    }
    list->push_back(std::move(*term));
    pattern = util::trim(pattern);
  }
  return filter;
}

bool LogFilter::matches(std::string_view message) const {
  const auto is_in = [message](const std::string& term) {
    return message.find(term) != std::string_view::npos;
  };
  return std::all_of(all_.begin(), all_.end(), is_in) &&
         std::none_of(none_.begin(), none_.end(), is_in) &&
         (any_.empty() || std::any_of(any_.begin(), any_.end(), is_in));
}

}  // namespace local
