import static org.springframework.security.config.Customizer.withDefaults;

import java.util.UUID;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.web.SecurityFilterChain;

/** An authorization server whose registrar gets tokens that register one client each. */
@SpringBootConfiguration
@EnableAutoConfiguration
public class SpringAuthorizationServer {
  public static void main(String[] arguments) {
    SpringApplication.run(SpringAuthorizationServer.class, arguments);
  }

  @Bean
  SecurityFilterChain endpoints(HttpSecurity http) throws Exception {
    return http
        .oauth2AuthorizationServer(server ->
            server.oidc(openid -> openid.clientRegistrationEndpoint(withDefaults())))
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .build();
  }

  @Bean
  RegisteredClientRepository clients() {
    return new InMemoryRegisteredClientRepository(
        RegisteredClient.withId(UUID.randomUUID().toString())
            .clientId("registrar")
            .clientSecret("{noop}" + System.getenv("REGISTRAR_SECRET"))
            .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
            .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
            .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
            .scope("client.create")
            .build());
  }
}
