#include <array>
#include <chrono>

#include <fcntl.h>
#include <unistd.h>

#include "cli/commands/local.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "local/certificates/authority.hpp"
#include "local/daemon/files.hpp"
#include "util/fd.hpp"
#include "util/process.hpp"

namespace cli {
namespace {

constexpr std::chrono::seconds kUpdateLimit{60};
constexpr mode_t kReadable = 0644;

// Where a system keeps the authorities that its owner added, and what makes it read them.
struct TrustStore {
  const char* directory;
  std::array<const char*, 2> update;
};

constexpr std::array<TrustStore, 3> kStores{{
    {"/usr/local/share/ca-certificates", {"update-ca-certificates", ""}},
    {"/etc/pki/ca-trust/source/anchors", {"update-ca-trust", "extract"}},
    {"/etc/ca-certificates/trust-source/anchors", {"trust", "extract-compat"}},
}};

const TrustStore* find_store() {
  for (const TrustStore& store : kStores) {
    if (::access(store.directory, F_OK) == 0) {
      return &store;
    }
  }
  return nullptr;
}

std::string installed_path(const TrustStore& store) {
  return std::string(store.directory) + "/docker-ecs-local.crt";
}

bool write_readable(const std::string& path, const std::string& text) {
  const util::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kReadable));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

ExitCode update_store(const Session& session, const TrustStore& store) {
  std::vector<std::string> command;
  for (const char* word : store.update) {
    if (*word != '\0') {
      command.emplace_back(word);
    }
  }
  const auto done = util::run_process(command, kUpdateLimit);
  if (!done || done->exit_code != 0) {
    return session.fail(command.front() + " failed: " + (done ? done->err : done.error()));
  }
  return ExitCode::ok;
}

ExitCode install(const Session& session, const std::string& certificate) {
  const TrustStore* store = find_store();
  if (store == nullptr) {
    return session.fail("this system keeps its trusted authorities in none of the known places",
                        "add " + certificate + " by hand");
  }
  const auto text = local::daemon::read_small_file(certificate);
  if (!text || !write_readable(installed_path(*store), *text)) {
    return session.fail("cannot write " + installed_path(*store),
                        "sudo cp " + certificate + " " + installed_path(*store) + " && sudo " +
                            store->update[0] + " " + store->update[1]);
  }
  if (const ExitCode code = update_store(session, *store); code != ExitCode::ok) {
    return code;
  }
  session.say("This system trusts the local authority now: " + installed_path(*store));
  return ExitCode::ok;
}

ExitCode uninstall(const Session& session) {
  const TrustStore* store = find_store();
  if (store == nullptr || ::access(installed_path(*store).c_str(), F_OK) != 0) {
    session.say("Nothing to remove: this system does not trust the local authority.");
    return ExitCode::ok;
  }
  if (::unlink(installed_path(*store).c_str()) != 0) {
    return session.fail("cannot remove " + installed_path(*store), "try with sudo");
  }
  return update_store(session, *store);
}

void explain(const Session& session, const std::string& certificate) {
  const TrustStore* store = find_store();
  session.print(certificate + "\n");
  session.say("");
  session.say(
      "The local engine signs the certificates of HTTPS listeners with this authority. It can");
  session.say(
      "speak for localhost, *.localhost, .local, .test, .internal and loopback addresses only.");
  session.say("");
  session.say("  curl      curl --cacert " + certificate + " https://…");
  session.say("  system    " + (store == nullptr
                                    ? std::string("add the file to the trusted authorities")
                                    : std::string("docker ecs local trust --install")));
  session.say(
      "  browsers  import the file as an authority for web sites (Firefox and Chromium keep");
  session.say("            lists of their own on Linux)");
}

ExitCode trust_command(Session& session, const Options& options) {
  if (options.is_set("uninstall")) {
    return uninstall(session);
  }
  const auto state = engine_state(session);
  if (!state) {
    return session.fail(state.error());
  }
  const std::string& directory = state->options.paths.directory;
  if (auto made = local::daemon::make_private_directory(directory); !made) {
    return session.fail("the engine's state directory " + directory +
                        " cannot be used: " + made.error());
  }
  local::LocalAuthority authority(directory);
  const auto ready = authority.get(std::chrono::system_clock::now());
  if (!ready) {
    return session.fail("the local authority cannot be kept: " + ready.error());
  }
  if (options.is_set("print")) {
    session.print((*ready)->certificate());
    return ExitCode::ok;
  }
  if (options.is_set("install")) {
    return install(session, authority.certificate_path());
  }
  explain(session, authority.certificate_path());
  return ExitCode::ok;
}

}  // namespace

Command local_trust_command() {
  return {
      .name = "trust",
      .summary = "Show the authority that signs local HTTPS certificates, or have it trusted",
      .details =
          "The authority is made once and kept in the engine's state directory; its key never "
          "leaves it. By its name constraints it can only speak for names and addresses of this "
          "machine.",
      .examples =
          "docker ecs local trust\n"
          "docker ecs local trust --print > authority.crt\n"
          "sudo docker ecs local trust --install",
      .flags = {{.name = "print", .help = "Print the certificate (PEM)"},
                {.name = "install", .help = "Add it to the system's trusted authorities"},
                {.name = "uninstall", .help = "Take it out of the system's trusted authorities"}},
      .run = trust_command,
  };
}

}  // namespace cli
