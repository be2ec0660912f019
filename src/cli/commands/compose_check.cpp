#include <algorithm>
#include <array>
#include <tuple>

#include "cli/commands/compose.hpp"
#include "cli/commands/compose_project.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "convert/convert.hpp"
#include "doc/json_writer.hpp"

namespace cli {
namespace {

// What ECS makes of something in the files; `convert` says it by severity and code.
enum class FindingKind : std::uint8_t {
  invalid,       // no valid project
  remark,        // said while reading, about the files and not about ECS
  refused,       // the application cannot be deployed like this
  ignored,       // a meaning is lost
  approximated,  // nearly the same
  irrelevant,    // nothing on ECS depends on it
};

struct KindText {
  FindingKind kind;
  std::string_view word;
  std::string_view title;
};

constexpr std::array<KindText, 6> kKinds = {{
    {FindingKind::invalid, "invalid", "Not valid"},
    {FindingKind::remark, "remark", "About the files"},
    {FindingKind::refused, "refused", "Cannot be deployed to ECS"},
    {FindingKind::ignored, "ignored", "Lost on ECS"},
    {FindingKind::approximated, "approximated", "Different on ECS"},
    {FindingKind::irrelevant, "irrelevant", "Not needed on ECS"},
}};

struct Finding {
  FindingKind kind;
  diag::Diagnostic diagnostic;
};

struct Check {
  Loading loading;
  std::string project;  // empty when it cannot be read
  std::vector<Finding> findings;

  [[nodiscard]] std::int64_t count(FindingKind kind) const {
    return std::count_if(
        findings.begin(), findings.end(), [&](const Finding& each) { return each.kind == kind; });
  }
};

FindingKind kind_of(const diag::Diagnostic& diagnostic) {
  const bool about_ecs = diagnostic.code.starts_with("convert.");
  switch (diagnostic.severity) {
    case diag::Severity::error: return about_ecs ? FindingKind::refused : FindingKind::invalid;
    case diag::Severity::warning:
      return !about_ecs                                  ? FindingKind::remark
             : diagnostic.code == "convert.approximated" ? FindingKind::approximated
                                                         : FindingKind::ignored;
    case diag::Severity::note:
      return !about_ecs                             ? FindingKind::remark
             : diagnostic.code == "convert.ignored" ? FindingKind::irrelevant
                                                    : FindingKind::approximated;
  }
  return FindingKind::remark;
}

void find_all(Check& check) {
  for (const diag::Diagnostic& diagnostic : check.loading.bag.all()) {
    check.findings.push_back({kind_of(diagnostic), diagnostic});
  }
  const auto place = [](const Finding& each) {
    const auto& span = each.diagnostic.span;
    return span ? std::tuple(0, span->file.value, span->begin) : std::tuple(1, 0U, 0U);
  };
  std::stable_sort(
      check.findings.begin(), check.findings.end(), [&](const Finding& a, const Finding& b) {
        return std::tuple(a.kind, place(a)) < std::tuple(b.kind, place(b));
      });
}

std::string counted(std::int64_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word);
}

std::string verdict(const Check& check) {
  if (check.project.empty()) {
    return "The project is not valid.\n";
  }
  std::string counts;
  for (const KindText& kind : kKinds) {
    const std::int64_t count = check.count(kind.kind);
    if (count > 0 && kind.kind != FindingKind::remark) {
      counts += (counts.empty() ? ": " : ", ") + counted(count, kind.word);
    }
  }
  return check.project +
         (check.count(FindingKind::refused) > 0 ? " cannot be deployed" : " can be deployed") +
         (counts.empty() ? ", and nothing changes its meaning" : counts) + ".\n";
}

// Grouped by what ECS makes of it; each with its place, as a compiler writes it.
std::string check_text(const Check& check) {
  std::string out;
  FindingKind group = FindingKind::invalid;
  for (const Finding& each : check.findings) {
    if (out.empty() || each.kind != group) {
      group = each.kind;
      out += std::string(kKinds[static_cast<std::size_t>(group)].title) + ":\n";
    }
    const diag::Diagnostic& diagnostic = each.diagnostic;
    const std::string where =
        diagnostic.span ? check.loading.sources.describe(*diagnostic.span) : std::string();
    out += "  " + where + (where.empty() ? "" : ": ") + diagnostic.message + " [" +
           std::string(diagnostic.code) + "]\n";
    if (!diagnostic.help.empty()) {
      out += "    help: " + diagnostic.help + "\n";
    }
  }
  return out + (out.empty() ? "" : "\n") + verdict(check);
}

doc::Node place_record(const Check& check, const diag::Span& span) {
  const diag::Position at = check.loading.sources.position(span.file, span.begin);
  return doc::map({{"file", doc::Node(check.loading.sources.name(span.file))},
                   {"line", doc::Node(static_cast<std::int64_t>(at.line))},
                   {"column", doc::Node(static_cast<std::int64_t>(at.column))}});
}

doc::Node finding_record(const Check& check, const Finding& finding) {
  const diag::Diagnostic& diagnostic = finding.diagnostic;
  return doc::map(
      {{"kind", doc::Node(kKinds[static_cast<std::size_t>(finding.kind)].word)},
       {"code", doc::Node(diagnostic.code)},
       {"message", doc::Node(diagnostic.message)},
       {"help", diagnostic.help.empty() ? doc::Node() : doc::Node(diagnostic.help)},
       {"place",
        diagnostic.span && diagnostic.span->file.value != 0 ? place_record(check, *diagnostic.span)
                                                            : doc::Node()}});
}

std::string check_json(const Check& check, bool passed) {
  std::vector<std::pair<std::string_view, doc::Node>> counts;
  for (const KindText& kind : kKinds) {
    counts.emplace_back(kind.word, doc::Node(check.count(kind.kind)));
  }
  std::vector<doc::Node> findings;
  for (const Finding& each : check.findings) {
    findings.push_back(finding_record(check, each));
  }
  return doc::to_json(
      doc::map({{"project", check.project.empty() ? doc::Node() : doc::Node(check.project)},
                {"passed", doc::Node(passed)},
                {"counts", doc::map(std::move(counts))},
                {"findings", doc::list(std::move(findings))}}),
      doc::JsonStyle::pretty);
}

ExitCode check_command(Session& session, const Options& options) {
  Check check;
  const auto project = compose::load(
      load_request(session, options), session.files(), check.loading.sources, check.loading.bag);
  if (project) {
    check.project = project->name;
    convert::convert(*project, check.loading.bag);
  }
  find_all(check);
  const bool exact =
      check.count(FindingKind::ignored) + check.count(FindingKind::approximated) == 0;
  const bool passed =
      project && check.count(FindingKind::refused) == 0 && (exact || !options.is_set("strict"));
  const bool json = options.text("format") == "json";
  if (!project && !json) {
    show_diagnostics(session, check.loading);
  } else if (!options.is_set("quiet")) {
    session.print(json ? check_json(check, passed) : check_text(check));
  }
  if (!project) {
    return exit_code_of(check.loading.bag);
  }
  return passed ? ExitCode::ok : ExitCode::findings;
}

}  // namespace

Command compose_check_command() {
  return {
      .name = "check",
      .tier = Tier::project,
      .summary = "Tell what ECS will treat differently",
      .details =
          "Needs no account, no network and no Docker Engine. Exits with 3 when the project cannot "
          "be deployed; with --strict, when anything would lose or change its meaning. What ECS "
          "has no need of never fails.",
      .examples =
          "docker ecs compose check\n"
          "docker ecs compose check --strict --format json",
      .flags = {{.name = "format",
                 .kind = FlagKind::text,
                 .help = "Format of the report",
                 .default_value = "text",
                 .choices = {"text", "json"}},
                {.name = "quiet", .shorthands = "q", .help = "Only set the exit code"},
                {.name = "strict", .help = "Fail unless everything keeps its meaning"}},
      .run = check_command,
  };
}

}  // namespace cli
