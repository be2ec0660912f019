#pragma once

// The single places credentials can come from; aws/credential_chain.hpp puts them in order.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.hpp"
#include "aws/credentials.hpp"
#include "aws/settings.hpp"
#include "util/environment.hpp"
#include "util/file_system.hpp"
#include "util/process.hpp"
#include "util/result.hpp"

namespace aws {

// What the sources may touch. References must outlive the provider.
struct CredentialPorts {
  const util::Environment& environment;
  const util::ReadOnlyFileSystem& files;
  World world;
  std::function<util::Result<util::ProcessResult, std::string>(
      const std::vector<std::string>& argv)>
      run;
  // Asks the person for the code of an MFA device; may be empty, and may return nothing.
  std::function<std::optional<std::string>(const std::string& serial)> ask_mfa_code;
};

using CredentialsResult = util::Result<Credentials, Error>;
// Nothing: this source is not configured, ask the next one.
using MaybeCredentials = std::optional<CredentialsResult>;

Error credentials_error(std::string code, std::string message);

// The JSON of a credential process, of containers and of instance metadata. The token's name
// differs among them.
CredentialsResult read_credentials_json(std::string_view text,
                                        std::string_view token_member,
                                        std::string source);

MaybeCredentials from_environment(const util::Environment& environment);
MaybeCredentials from_static_keys(const std::map<std::string, IniValue, std::less<>>& values,
                                  const std::string& source);
MaybeCredentials from_process(const Profile& profile, const CredentialPorts& ports);
MaybeCredentials from_sso(const Profile& profile,
                          const ConfigFiles& files,
                          const CredentialPorts& ports);
MaybeCredentials from_container(const CredentialPorts& ports);
MaybeCredentials from_instance_metadata(const CredentialPorts& ports);

}  // namespace aws
