#include "convert/schedule_time.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "util/strings.hpp"

namespace convert {
namespace {

struct Nickname {
  std::string_view name;
  std::string_view fields;
};

constexpr std::array<Nickname, 7> kNicknames = {{{"@annually", "0 0 1 1 *"},
                                                 {"@daily", "0 0 * * *"},
                                                 {"@hourly", "0 * * * *"},
                                                 {"@midnight", "0 0 * * *"},
                                                 {"@monthly", "0 0 1 * *"},
                                                 {"@weekly", "0 0 * * 0"},
                                                 {"@yearly", "0 0 1 1 *"}}};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (std::string& word : util::split(util::replace_all(text, "\t", " "), ' ')) {
    if (!word.empty()) {
      out.push_back(std::move(word));
    }
  }
  return out;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), util::is_digit) && text != "*";
}

// AWS counts steps from a first value.
std::string with_first(const std::string& field, std::string_view first) {
  return field.starts_with("*/") ? std::string(first) + field.substr(1) : field;
}

// Crontab's days of the week go from 0, Sunday, to 7, Sunday again; AWS's from 1, Sunday, to 7.
bool add_days(const std::string& part, std::set<std::int64_t>& days) {
  const std::vector<std::string> halves = util::split(part, '/');
  const auto step =
      halves.size() == 2 ? util::parse_int(halves[1]) : std::optional<std::int64_t>(1);
  const std::vector<std::string> ends =
      halves.front() == "*" ? std::vector<std::string>{"0", "6"} : util::split(halves.front(), '-');
  const auto first = util::parse_int(ends.front());
  const auto last = util::parse_int(ends.back());
  if (halves.size() > 2 || ends.size() > 2 || !step || *step < 1 || !first || !last || *first < 0 ||
      *last > 7 || *first > *last) {
    return false;
  }
  for (std::int64_t day = *first; day <= *last; day += *step) {
    days.insert(day % 7 + 1);
  }
  return true;
}

std::optional<std::string> days_of_week(const std::string& field) {
  std::vector<std::string> names;
  std::set<std::int64_t> days;
  for (const std::string& part : util::split(field, ',')) {
    if (is_name(part)) {
      names.push_back(util::to_upper(part));
    } else if (!add_days(part, days)) {
      return std::nullopt;
    }
  }
  for (const std::int64_t day : days) {
    names.push_back(std::to_string(day));
  }
  return util::join(names, ",");
}

// Of crontab's "minute hour day month weekday" one of the days must be `?` for AWS.
std::optional<std::string> from_crontab(const std::vector<std::string>& fields) {
  if (fields.size() != 5) {
    return std::nullopt;
  }
  std::string day = with_first(fields[2], "1");
  std::string weekday = "?";
  if (fields[4] != "*") {
    const auto days = days_of_week(fields[4]);
    if (!days || fields[2] != "*") {
      return std::nullopt;
    }
    day = "?";
    weekday = *days;
  }
  return "cron(" + with_first(fields[0], "0") + " " + with_first(fields[1], "0") + " " + day + " " +
         with_first(fields[3], "1") + " " + weekday + " *)";
}

std::optional<std::string> expression_of(const std::string& text) {
  if (text.ends_with(")") &&
      (text.starts_with("cron(") || text.starts_with("rate(") || text.starts_with("at("))) {
    return text;
  }
  const auto* nickname = std::find_if(
      kNicknames.begin(), kNicknames.end(), [&](const Nickname& row) { return row.name == text; });
  return from_crontab(words(nickname == kNicknames.end() ? text : std::string(nickname->fields)));
}

std::optional<std::string> text_of(const doc::Node& value, std::string_view key) {
  const doc::Node* member = value.find(key);
  const std::string* text = member == nullptr ? nullptr : member->as_string();
  return text == nullptr ? std::nullopt : std::optional(*text);
}

}  // namespace

std::optional<ScheduleTime> schedule_time(Builder& builder, const doc::Node& value) {
  std::optional<std::string> expression;
  if (const std::string* text = value.as_string()) {
    expression = expression_of(*text);
  } else if (const auto cron = text_of(value, "cron")) {
    expression = expression_of(*cron);
  } else if (const auto rate = text_of(value, "rate")) {
    expression = rate->starts_with("rate(") ? *rate : "rate(" + *rate + ")";
  } else if (const auto at = text_of(value, "at")) {
    expression = at->starts_with("at(") ? *at : "at(" + *at + ")";
  }
  if (!expression) {
    builder.error(
        "convert.bad-schedule",
        value.span,
        "this is not a schedule",
        "write crontab's five fields (`cron: \"0 3 * * 1-5\"`, with a day of the month or of the "
        "week, not both), or `rate: 5 minutes`");
    return std::nullopt;
  }
  return ScheduleTime{*expression, text_of(value, "timezone").value_or("")};
}

}  // namespace convert
