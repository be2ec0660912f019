#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "aws/credential_chain.hpp"
#include "support/fake_transport.hpp"
#include "support/memory_file_system.hpp"
#include "util/hash.hpp"

namespace {

using std::chrono::milliseconds;
using Variables = std::map<std::string, std::string, std::less<>>;

class MovableClock final : public util::Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return time; }

  TimePoint time{milliseconds{1'767'323'045'000}};  // 2026-01-02T03:04:05Z
};

struct Setup {
  test::FakeTransport transport;
  MovableClock clock;
  test::MemoryFileSystem files;
  util::Environment environment;
  std::vector<std::vector<std::string>> commands;
  util::Result<util::ProcessResult, std::string> process_answer = util::ProcessResult{};
  std::optional<std::string> mfa_code;

  explicit Setup(Variables variables,
                 const std::string& config = "",
                 const std::string& credentials = "") {
    variables.emplace("HOME", "/h");
    environment = util::Environment(variables);
    files.put("/h/.aws/config", config);
    files.put("/h/.aws/credentials", credentials);
  }

  std::unique_ptr<aws::CredentialsProvider> provider(const std::string& profile = "") {
    const auto settings = aws::load_settings(
        {.profile = profile, .region = "", .endpoint_url = ""}, environment, files);
    REQUIRE(settings);
    aws::World world{
        transport, clock, [](milliseconds) { return true; }, [] { return std::uint64_t{7}; }};
    return aws::make_credentials(*settings,
                                 {environment,
                                  files,
                                  std::move(world),
                                  [this](const std::vector<std::string>& argv) {
                                    commands.push_back(argv);
                                    return process_answer;
                                  },
                                  [this](const std::string&) { return mfa_code; }});
  }

  aws::CredentialsResult get(const std::string& profile = "") { return provider(profile)->get(); }
};

std::string assume_role_answer(const std::string& id, const std::string& operation = "AssumeRole") {
  return "<" + operation + "Response><" + operation + "Result><Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
         "<Expiration>2026-01-02T04:04:05Z</Expiration></Credentials></" +
         operation + "Result></" + operation + "Response>";
}

constexpr const char* kJson =
    R"({"Version":1,"AccessKeyId":"PROC","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-01-02T04:04:05Z"})";

}  // namespace

TEST_CASE("keys of the environment come first, unless a profile was chosen in so many words") {
  const Variables keys{
      {"AWS_ACCESS_KEY_ID", "ENV"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}};
  Setup s(keys, "", "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n");
  CHECK(s.get()->access_key_id == "ENV");
  CHECK(s.get()->session_token.reveal() == "t");
  CHECK(s.get("default")->access_key_id == "FILE");
}

TEST_CASE("half a pair of keys is an error") {
  CHECK(Setup(Variables{{"AWS_ACCESS_KEY_ID", "x"}}).get().error().code == "PartialCredentials");
  CHECK(Setup({}, "", "[default]\naws_access_key_id=x\n").get().error().code ==
        "PartialCredentials");
}

TEST_CASE("the credentials file wins over the process, the process over keys in the config file") {
  const std::string config =
      "[default]\ncredential_process = /bin/get \"a b\"\naws_access_key_id=CONFIG\naws_secret_access_key=s\n";
  Setup with_keys({}, config, "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n");
  CHECK(with_keys.get()->access_key_id == "FILE");
  Setup s({}, config);
  s.process_answer = util::ProcessResult{0, kJson, ""};
  const auto found = s.get();
  REQUIRE(found);
  CHECK(found->access_key_id == "PROC");
  CHECK(found->expires->time_since_epoch() == milliseconds{1'767'326'645'000});
  CHECK(s.commands.at(0) == std::vector<std::string>{"/bin/get", "a b"});
}

TEST_CASE("a credential process that fails says why") {
  Setup s({}, "[default]\ncredential_process = get\n");
  s.process_answer = util::ProcessResult{1, "", "not logged in\n"};
  CHECK(s.get().error().message ==
        "the credential_process of profile \"default\" failed with exit code 1: not logged in");
  s.process_answer = util::ProcessResult{0, "oops", ""};
  CHECK(s.get().error().code == "CredentialProcessFailed");
  s.process_answer = util::ProcessResult{0, R"({"Version":1,"AccessKeyId":"x"})", ""};
  CHECK(s.get().error().code == "CredentialsUnreadable");
  s.process_answer = util::ProcessResult{
      0, R"({"Version":1,"AccessKeyId":"x","SecretAccessKey":"s","Expiration":"soon"})", ""};
  CHECK(s.get().error().code == "CredentialsUnreadable");
  s.process_answer = util::unexpected(std::string("cannot run get: no such file or directory"));
  CHECK(s.get().error().message.find("no such file") != std::string::npos);
}

TEST_CASE("a role is assumed with its source profile, also through a chain") {
  const std::string config =
      "[profile base]\nrole_arn=arn:aws:iam::1:role/one\nsource_profile=keys\n"
      "[profile top]\nrole_arn=arn:aws:iam::2:role/two\nsource_profile=base\nexternal_id=e&e\nduration_seconds=900\nregion=eu-west-1\n";
  Setup s({}, config, "[keys]\naws_access_key_id=KEYS\naws_secret_access_key=s\n");
  s.transport.will_answer(200, assume_role_answer("ONE"));
  s.transport.will_answer(200, assume_role_answer("TWO"));
  const auto found = s.get("top");
  REQUIRE(found);
  CHECK(found->access_key_id == "TWO");
  REQUIRE(s.transport.requests.size() == 2);
  CHECK(s.transport.requests[0].url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(s.transport.requests[1].url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(s.transport.requests[1].body.find("ExternalId=e%26e") != std::string::npos);
  CHECK(s.transport.requests[1].body.find("DurationSeconds=900") != std::string::npos);
  CHECK(s.transport.requests[1].body.find("RoleSessionName=docker-ecs-1767323045") !=
        std::string::npos);
  CHECK(
      net::find_header(s.transport.requests[1].headers, "Authorization")->find("Credential=ONE/") !=
      std::string::npos);
}

TEST_CASE("role profiles that cannot work are explained") {
  const auto code = [](const std::string& config) {
    return Setup({}, config).get("a").error().code;
  };
  CHECK(code("[profile a]\nrole_arn=r\n") == "InvalidRoleProfile");
  CHECK(code("[profile a]\nrole_arn=r\nsource_profile=b\ncredential_source=Environment\n") ==
        "InvalidRoleProfile");
  CHECK(code("[profile a]\nrole_arn=r\nsource_profile=b\n") == "ProfileNotFound");
  CHECK(
      code(
          "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=a\n") ==
      "InvalidRoleProfile");
  CHECK(code("[profile a]\nrole_arn=r\nsource_profile=a\n") == "InvalidRoleProfile");
  CHECK(code("[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nregion=x\n") ==
        "NoSourceCredentials");
  CHECK(code("[profile a]\nrole_arn=r\ncredential_source=Environment\n") == "NoSourceCredentials");
}

TEST_CASE("an MFA device's code is asked for") {
  const std::string config =
      "[profile a]\nrole_arn=arn:aws:iam::1:role/one\nsource_profile=a\nmfa_serial=arn:mfa\n"
      "aws_access_key_id=K\naws_secret_access_key=s\n";
  Setup s({}, config);
  CHECK(s.get("a").error().code == "MfaCodeNeeded");
  s.mfa_code = "123456";
  s.transport.will_answer(200, assume_role_answer("ROLE"));
  CHECK(s.get("a")->access_key_id == "ROLE");
  CHECK(s.transport.requests.at(0).body.find("TokenCode=123456") != std::string::npos);
}

TEST_CASE("a web identity's token is exchanged unsigned") {
  Setup s(Variables{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"},
           {"AWS_ROLE_ARN", "arn:aws:iam::1:role/web"},
           {"AWS_REGION", "us-east-2"}});
  s.files.put("/token", "a.b.c\n");
  s.transport.will_answer(200, assume_role_answer("WEB", "AssumeRoleWithWebIdentity"));
  CHECK(s.get()->access_key_id == "WEB");
  CHECK_FALSE(net::find_header(s.transport.requests.at(0).headers, "Authorization"));
  CHECK(s.transport.requests.at(0).body.find("WebIdentityToken=a.b.c") != std::string::npos);
}

TEST_CASE("an IAM Identity Center token of the CLI is used, and its end is explained") {
  const std::string config =
      "[profile a]\nsso_session=corp\nsso_account_id=111122223333\nsso_role_name=Dev Role\n"
      "[sso-session corp]\nsso_start_url=https://x.awsapps.com/start\nsso_region=eu-west-1\n";
  Setup s({}, config);
  CHECK(
      s.get("a").error().message ==
      "profile \"a\" is not signed in to IAM Identity Center; run: aws sso login --sso-session corp");
  s.files.put("/h/.aws/sso/cache/" + util::sha1_hex("corp") + ".json",
              R"({"accessToken":"tok","expiresAt":"2026-01-02T04:00:00Z"})");
  s.transport.will_answer(
      200,
      R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":1767326645000}})");
  CHECK(s.get("a")->access_key_id == "SSO");
  CHECK(
      s.transport.requests.at(0).url ==
      "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=Dev%20Role&account_id=111122223333");
  s.transport.will_answer(401, "{}");
  CHECK(s.get("a").error().code == "SsoLoginNeeded");
  s.clock.time += std::chrono::hours{2};
  CHECK(s.get("a").error().message.find("has expired; run: aws sso login --sso-session corp") !=
        std::string::npos);
}

TEST_CASE("containers give credentials only over safe addresses") {
  Setup s(Variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/c"},
           {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "tok"}});
  s.transport.will_fail(net::TransportError::Kind::timeout);
  s.transport.will_answer(
      200,
      R"({"AccessKeyId":"C","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-02T04:04:05Z"})");
  CHECK(s.get()->session_token.reveal() == "t");
  CHECK(*net::find_header(s.transport.requests.at(1).headers, "Authorization") == "tok");
  CHECK(Setup(Variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/"}}).get().error().code ==
        "ContainerUrlRefused");
  CHECK(Setup(Variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"},
               {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\nb"}})
            .get()
            .error()
            .code == "ContainerTokenInvalid");
}

TEST_CASE("instance metadata is asked last, with a session token") {
  Setup s({});
  s.transport.will_answer(200, "session");
  s.transport.will_answer(200, "my-role\n");
  s.transport.will_answer(
      200,
      R"({"AccessKeyId":"I","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-02T04:04:05Z"})");
  CHECK(s.get()->access_key_id == "I");
  CHECK(s.transport.requests.at(0).method == "PUT");
  CHECK(s.transport.requests.at(2).url ==
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role");
  CHECK(*net::find_header(s.transport.requests.at(2).headers, "x-aws-ec2-metadata-token") ==
        "session");
  Setup disabled(Variables{{"AWS_EC2_METADATA_DISABLED", "true"}});
  CHECK(disabled.get().error().code == "NoCredentials");
  CHECK(disabled.transport.requests.empty());
}

TEST_CASE("credentials are kept until shortly before they expire") {
  Setup s({}, "[default]\ncredential_process = get\n");
  s.process_answer = util::ProcessResult{0, kJson, ""};
  const auto provider = s.provider();
  CHECK(provider->get());
  CHECK(provider->get());
  CHECK(s.commands.size() == 1);
  s.clock.time += std::chrono::minutes{55};
  CHECK(provider->get());
  CHECK(s.commands.size() == 2);
  s.process_answer = util::ProcessResult{1, "", ""};
  CHECK(provider->get()->access_key_id == "PROC");
  s.clock.time += std::chrono::minutes{10};
  CHECK_FALSE(provider->get());
}

TEST_CASE("a secret does not show") {
  CHECK(aws::Secret("hunter2").shown() == "****");
}
