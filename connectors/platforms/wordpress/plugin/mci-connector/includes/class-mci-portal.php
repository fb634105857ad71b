<?php
/**
 * The shop speaks to MCI.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * HTTP to the portal. Never follows a redirect: what is sent is other people's data.
 */
class MCI_Portal {

	const TIMEOUT = 20;

	/**
	 * Whom to speak to.
	 *
	 * @var MCI_Pairing_Store
	 */
	private $store;

	/**
	 * Constructor.
	 *
	 * @param MCI_Pairing_Store $store Whom to speak to.
	 */
	public function __construct( MCI_Pairing_Store $store ) {
		$this->store = $store;
	}

	/**
	 * Sends an event, signed now.
	 *
	 * @param array<string,mixed> $event   As MCI_Message::event() makes it.
	 * @param string              $message UUID; a retry keeps it.
	 * @return MCI_Verdict
	 */
	public function send( array $event, $message ) {
		try {
			$body = MCI_Message::encode( $event );
		} catch ( UnexpectedValueException $error ) {
			return new MCI_Verdict( MCI_Verdict::GIVE_UP, 'unwritable' );
		}
		$answer = $this->post_signed( $body, $message, $event['topic'] );
		$theirs = is_wp_error( $answer ) ? '' : (string) wp_remote_retrieve_header( $answer, 'x-mci-time' );
		if ( 1 === preg_match( '/\A[0-9]{1,12}\z/', $theirs ) && 401 === (int) wp_remote_retrieve_response_code( $answer ) ) {
			$this->store->set_state( array( 'skew' => (int) $theirs - time() ) ); // One of the clocks is wrong: go by MCI's.
			$answer = $this->post_signed( $body, $message, $event['topic'] );
		}
		if ( is_wp_error( $answer ) ) {
			return MCI_Verdict::of( 0 );
		}
		return MCI_Verdict::of(
			(int) wp_remote_retrieve_response_code( $answer ),
			(string) wp_remote_retrieve_header( $answer, 'retry-after' )
		);
	}

	/**
	 * Asks about a one-time code, or hands it in.
	 *
	 * @param string              $portal The portal's address.
	 * @param array<string,mixed> $said   The code, and what is asked.
	 * @return array{status:int,data:array<string,mixed>,trouble:string} Status 0: no answer.
	 */
	public function ask( $portal, array $said ) {
		$answer = $this->post( $portal . '/connect/wordpress/callback/', MCI_Message::encode( $said ), array(), self::TIMEOUT );
		if ( is_wp_error( $answer ) ) {
			return array(
				'status'  => 0,
				'data'    => array(),
				'trouble' => $answer->get_error_message(),
			);
		}
		$data = json_decode( wp_remote_retrieve_body( $answer ), true );
		return array(
			'status'  => (int) wp_remote_retrieve_response_code( $answer ),
			'data'    => is_array( $data ) ? $data : array(),
			'trouble' => '',
		);
	}

	/**
	 * A POST to the address for events, signed by MCI's clock as far as it is known.
	 *
	 * @param string $body    The bytes.
	 * @param string $message UUID.
	 * @param string $topic   The event's topic.
	 * @return array<string,mixed>|WP_Error
	 */
	private function post_signed( $body, $message, $topic ) {
		$now     = time() + (int) $this->store->state( 'skew', 0 );
		$headers = MCI_Signature::headers( $this->store->secret(), $message, $body, $now );
		$headers += array(
			'X-MCI-Topic' => $topic,
			'X-MCI-Home'  => MCI_Pairing_Store::home(), // A copy of the shop has the secret too.
		);
		return $this->post( $this->store->pairing( 'webhook_address' ), $body, $headers, self::TIMEOUT );
	}

	/**
	 * A POST of JSON.
	 *
	 * @param string               $url     Where to.
	 * @param string               $body    The bytes.
	 * @param array<string,string> $headers More headers.
	 * @param int                  $timeout Seconds.
	 * @return array<string,mixed>|WP_Error
	 */
	private function post( $url, $body, array $headers, $timeout ) {
		return wp_remote_post(
			$url,
			array(
				'timeout'     => $timeout,
				'redirection' => 0,
				'user-agent'  => 'mci-connector/' . MCI_CONNECTOR_VERSION,
				'headers'     => $headers + array(
					'Content-Type' => 'application/json',
					'Accept'       => 'application/json',
				),
				'body'        => $body,
			)
		);
	}
}
