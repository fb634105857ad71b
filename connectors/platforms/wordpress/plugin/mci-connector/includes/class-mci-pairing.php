<?php
/**
 * The shop and MCI come together, and part.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Exchanges a one-time code for the secret. No key is ever shown or copied.
 */
class MCI_Pairing {

	/**
	 * Seconds for which a code that was handed in may be proven.
	 */
	const WAIT = 300;

	/**
	 * What is remembered.
	 *
	 * @var MCI_Pairing_Store
	 */
	private $store;

	/**
	 * What MCI must still hear.
	 *
	 * @var MCI_Queue
	 */
	private $queue;

	/**
	 * MCI.
	 *
	 * @var MCI_Portal
	 */
	private $portal;

	/**
	 * What the shop says of itself.
	 *
	 * @var MCI_About
	 */
	private $about;

	/**
	 * Constructor.
	 *
	 * @param MCI_Pairing_Store $store  What is remembered.
	 * @param MCI_Queue         $queue  What MCI must still hear.
	 * @param MCI_Portal        $portal MCI.
	 * @param MCI_About         $about  What the shop says of itself.
	 */
	public function __construct( MCI_Pairing_Store $store, MCI_Queue $queue, MCI_Portal $portal, MCI_About $about ) {
		$this->store  = $store;
		$this->queue  = $queue;
		$this->portal = $portal;
		$this->about  = $about;
	}

	/**
	 * Hands in a code. A pairing that fails leaves the one before it as it was.
	 *
	 * @param string $address Where the portal is.
	 * @param string $code    The one-time code.
	 * @return string What went wrong, in the reader's words; "" when the shop is paired.
	 */
	public function pair( $address, $code ) {
		$portal = MCI_Address::portal( $address );
		if ( '' === $portal ) {
			return __( 'The address of MCI is not valid: it must begin with https://.', 'mci-connector' );
		}
		$code = trim( $code );
		if ( 1 !== preg_match( '/\A[A-Za-z0-9_-]{6,128}\z/', $code ) ) {
			return __( 'This is not a pairing code. Copy it whole from MCI.', 'mci-connector' );
		}
		$this->store->wait_with( $code, time() + self::WAIT ); // MCI asks for a proof before it answers.
		$answer = $this->portal->pair(
			$portal,
			array(
				'code'     => $code,
				'install'  => $this->store->install_id(),
				'language' => get_user_locale(),
			) + $this->about->shop()
		);
		$this->store->wait_with( '' );
		if ( 0 === $answer['status'] ) {
			/* translators: %s: technical reason. */
			return sprintf( __( 'MCI does not answer: %s', 'mci-connector' ), $answer['trouble'] );
		}
		$data = $answer['data'];
		if ( 200 !== $answer['status'] ) {
			return self::sentence( $answer['status'], $data );
		}
		$secret  = isset( $data['secret'] ) && is_string( $data['secret'] ) ? $data['secret'] : '';
		$webhook = isset( $data['webhook_address'] ) && is_string( $data['webhook_address'] ) ? $data['webhook_address'] : '';
		if ( 1 !== preg_match( '/\A[0-9a-f]{64}\z/', $secret ) || ! MCI_Address::is_of( $webhook, $portal ) ) {
			return __( 'At this address something answers, but it is not MCI.', 'mci-connector' );
		}
		$shop = isset( $data['shop'] ) && is_string( $data['shop'] ) ? sanitize_text_field( $data['shop'] ) : '';
		$this->queue->clear(); // What was noted for another pairing is not this one's; MCI asks for the last 30 days.
		$this->store->pair( $portal, $secret, $webhook, $shop, time() );
		if ( isset( $data['time'] ) && is_int( $data['time'] ) ) {
			$this->store->set_state( array( 'skew' => $data['time'] - time() ) );
		}
		$this->queue->note( 0, MCI_Message::PING, time() );
		return '';
	}

	/**
	 * Ends the pairing.
	 *
	 * @param string $by `shop` or `mci`.
	 */
	public function unpair( $by ) {
		$this->store->unpair( $by, time() );
		$this->queue->clear();
	}

	/**
	 * Why MCI refused; it says so in the reader's language.
	 *
	 * @param int                 $status HTTP status.
	 * @param array<string,mixed> $data   What MCI said.
	 * @return string
	 */
	private static function sentence( $status, array $data ) {
		if ( isset( $data['message'] ) && is_string( $data['message'] ) && '' !== $data['message'] ) {
			return sanitize_text_field( $data['message'] );
		}
		/* translators: %d: HTTP status code. */
		return sprintf( __( 'MCI could not pair the shop (HTTP %d). Try again in a few minutes.', 'mci-connector' ), $status );
	}
}
